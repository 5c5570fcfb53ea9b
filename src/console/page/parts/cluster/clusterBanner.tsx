import type { ClusterView } from '../../../view'
import type { Link } from '../../connection'
import { clockTime, wholeSeconds } from '../../format'
import { LostLink } from '../lostLink'
import { Why } from '../why'

interface Props {
  readonly cluster: ClusterView
  readonly link: Link
  readonly now: number
  readonly skew: number
}

/** Age from which a reading counts as late, ms: one is made each second. */
const late = 10_000

/** What is wrong now; empty while nothing is. */
export function ClusterBanner(props: Props) {
  return (
    <div class="banner" role="alert">
      <Trouble {...props} />
    </div>
  )
}

function Trouble({ cluster, link, now, skew }: Props) {
  const { failure, readAt, shards, members } = cluster
  if (link.state === 'lost') {
    return (
      <LostLink who="The page" link={link} now={now} skew={skew}>
        This says nothing about the job.
      </LostLink>
    )
  }
  const known = readAt === null ? 'Nothing has been read yet' : `What is shown is of ${clockTime(readAt)}`
  if (failure !== null) {
    return <Why title={`${known}: ${failure.code}`} reason={failure} tone="bad" />
  }
  if (readAt !== null && now - readAt > late) {
    return (
      <p class="bad">
        <strong>The cluster does not answer</strong> for {wholeSeconds(now - readAt)}. {known}.
      </p>
    )
  }
  const [failed] = shards.filter(({ error }) => error !== null)
  if (failed?.error) {
    return (
      <p class="bad">
        <strong>
          Shard {failed.shard} does not run: {failed.error.code}
        </strong>{' '}
        {failed.error.message}
      </p>
    )
  }
  const silent = members.filter(({ state }) => state === 'silent').map(({ instance }) => instance)
  if (silent.length > 0) return <p class="note">Nothing is heard of {silent.join(', ')}.</p>
  return null
}
