import type { ClusterView } from '../../../view'
import type { Link } from '../../connection'
import { clockTime } from '../../format'
import { Mark } from '../mark'
import { ClusterBanner } from './clusterBanner'
import { ClusterSummary } from './clusterSummary'
import { Commits } from './commits'
import { Members } from './members'
import { Positions } from './positions'
import { Shards } from './shards'

interface Props {
  readonly cluster: ClusterView
  readonly link: Link
  readonly now: number
  readonly skew: number
}

/** A job seen from its cluster alone: what only its processes know has no place here. */
export function ClusterPage({ cluster, link, now, skew }: Props) {
  const { name, members, since } = cluster
  return (
    <div class={link.state === 'lost' ? 'page stale' : 'page'}>
      <header class="top">
        <div class="title">
          <Mark />
          <h1>{name}</h1>
          <span class="pill" data-state="outside">
            <i aria-hidden="true" />
            Seen from the cluster
          </span>
        </div>
        <p class="quiet state-line">
          <span>{cluster.plan === null ? 'no plan' : `plan ${cluster.plan}`}</span>
          {cluster.slots !== null && <span>{cluster.slots} slots</span>}
        </p>
      </header>
      <ClusterBanner cluster={cluster} link={link} now={now} skew={skew} />
      <main>
        <ClusterSummary cluster={cluster} now={now} />
        <Shards shards={cluster.shards} now={now} planned={cluster.plan !== null} />
        {(members.length > 0 || cluster.plan !== null) && <Members members={members} />}
        <div class="pair">
          <Commits commits={cluster.commits} now={now} several={cluster.shards.length > 1} />
          <Positions cluster={cluster} />
        </div>
      </main>
      <footer>
        <p>
          Read from the cluster each second while this page is open, since {clockTime(since)}. Rates, watermarks,
          back-pressure, marbles, phases of checkpoints, restarts and records set aside are known to the processes of
          the job only, so they are not shown; nor can the job be stopped from here. <code>consolePage</code> in the
          job’s program shows them.
        </p>
      </footer>
    </div>
  )
}
