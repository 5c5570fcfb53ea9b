import type { Figures, JobView } from '../../view'
import type { Link } from '../connection'
import { clockTime, wholeSeconds } from '../format'
import { LostLink } from './lostLink'
import { Why } from './why'

interface Props {
  readonly job: JobView
  readonly figures: Figures
  readonly link: Link
  readonly now: number
  readonly skew: number
}

/** What is wrong now; empty while nothing is. Its place is kept, so that nothing below moves. */
export function Banner(props: Props) {
  return (
    <div class="banner" role="alert">
      <Trouble {...props} />
    </div>
  )
}

function Trouble({ job, figures, link, now, skew }: Props) {
  const { state, reason, until, since } = job.status
  if (link.state === 'lost') {
    const over = state === 'ended' || state === 'failed' ? 'The job had ended before. ' : ''
    return (
      <LostLink who="The process" link={link} now={now} skew={skew}>
        {over}What is shown is what it last said.
      </LostLink>
    )
  }
  if (reason !== null && state === 'restarting') {
    const rest = until === null || until <= now ? 'now' : `in ${wholeSeconds(until - now + 999)}`
    return <Why title={`Restarting ${rest} after ${reason.code}`} reason={reason} tone="warn" />
  }
  if (reason !== null && state === 'starting')
    return <Why title={`Starting again after ${reason.code}`} reason={reason} tone="warn" />
  if (reason !== null && state === 'failed')
    return <Why title={`Failed at ${clockTime(since)}: ${reason.code}`} reason={reason} tone="bad" />
  if (reason !== null && state === 'down')
    return <Why title={`The process ended at ${clockTime(since)}`} reason={reason} tone="bad" />
  const [first, ...others] = job.health.reasons
  if (state === 'ended') return null
  if (first === undefined) return <Slow figures={figures} />
  return (
    <p class="note">
      Not ready: {first}
      {others.length > 0 && `, and ${others.length} more`}
    </p>
  )
}

/** Without figures that change all the time: it is read aloud. */
function Slow({ figures }: { readonly figures: Figures }) {
  const nodes = Object.entries(figures.nodes)
  const waiting = nodes.filter(([, { blocked }]) => (blocked ?? 0) >= 0.5).map(([name]) => name)
  if (waiting.length === 0) return null
  const [[holder, { pressure }]] = nodes.toSorted(([, a], [, b]) => (b.pressure ?? 0) - (a.pressure ?? 0)) as [
    (typeof nodes)[0],
  ]
  return (
    <p class="note">
      {waiting.join(', ')} {waiting.length === 1 ? 'waits' : 'wait'} most of the time
      {(pressure ?? 0) > 0 && (
        <>
          , for <strong>{holder}</strong>
        </>
      )}
      .
    </p>
  )
}
