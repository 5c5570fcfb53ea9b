import type { AttemptContext } from '../attempt.ts'
import { sleep } from '../clock.ts'
import type { Shown } from '../console/shown.ts'
import { reasonOf } from '../console/subject.ts'
import type { ClusterView } from '../console/view.ts'
import { clusterView } from './clusterView.ts'
import type { Facts } from './jobStatus.ts'

/** Pause between two readings, ms, and patience with one of them: the page goes on without it. */
const pace = { interval: 1_000, patience: 2_000 }

export interface ShownClusterParts extends Pick<AttemptContext, 'clock' | 'signal'> {
  readonly name: string
  /** When the page began to watch the job. */
  readonly since: number
  facts(): Promise<Facts>
}

/** Page of a job that is seen from its cluster alone: it can look, and steer nothing. */
export function shownCluster({ name, clock, signal, since, facts }: ShownClusterParts): Shown {
  const nothing = { readAt: null, failure: null, plan: null, slots: null, partitionCount: 0 }
  const lists = { members: [], shards: [], partitions: [], commits: [] }
  let view: ClusterView = { name, since, ...nothing, ...lists }
  let underway: Promise<void> | null = null

  async function reading(): Promise<void> {
    try {
      view = clusterView(await facts(), view)
    } catch (thrown) {
      // What was last read stays, with its age.
      view = { ...view, failure: reasonOf(thrown) }
    }
    underway = null
  }

  return {
    parts: ['cluster'],
    part: () => view,
    watch: () => () => undefined,
    async read() {
      underway ??= reading()
      await Promise.race([underway, sleep(clock, pace.patience, signal)])
      return () => ['cluster']
    },
    interval: pace.interval,
    pause: () => undefined,
    stopping: () => [],
  }
}
