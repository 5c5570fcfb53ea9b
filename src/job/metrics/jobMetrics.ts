/** All metrics of a job in this process: of its events, its shards, its threads, and its health. */
import type { Clock } from '../../attempt.ts'
import { publish } from '../../metrics/channels.ts'
import { gather } from '../../metrics/gather.ts'
import type { Measured, Metric } from '../../metrics/metric.ts'
import { addThread } from '../../metrics/threadMetrics.ts'
import type { JobEvent } from '../events.ts'
import type { JobHealth } from '../health.ts'
import { eventMetrics } from './eventMetrics.ts'

export interface JobMetricsParts {
  readonly job: string
  /** Number of shards that run in this process. */
  readonly shards: number
  readonly clock: Pick<Clock, 'monotonic'>
  readonly health: () => JobHealth
  /** Metrics of the shards, and of the threads that run them. */
  readonly read: () => Promise<readonly Metric[]>
}

export interface JobMetrics extends Measured {
  tell(event: JobEvent): void
}

export function jobMetrics({ job, shards, clock, health, read }: JobMetricsParts): JobMetrics {
  const counted = eventMetrics(job, shards, clock)

  async function metrics(): Promise<readonly Metric[]> {
    const ofShards = await read()
    const here = gather({ job })
    const { ready, live } = health()
    here.add('job.ready', {}, Number(ready))
    here.add('job.live', {}, Number(live))
    counted.read(here)
    addThread(here.add, 'main')
    here.add('process.memory', {}, process.memoryUsage.rss())
    return [...here.all, ...ofShards]
  }

  publish('rxweft:job', () => ({ job, metrics }))
  return { job, tell: counted.tell, metrics }
}
