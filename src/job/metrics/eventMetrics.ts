/** What the main thread counts from the events of a job: takeovers, checkpoints, restarts. */
import type { Clock } from '../../attempt.ts'
import { type ChannelMessages, publish } from '../../metrics/channels.ts'
import type { Gathered } from '../../metrics/gather.ts'
import { durations, type Histogram, histogram, sizes } from '../../metrics/histogram.ts'
import { isEnd, type JobEvent } from '../events.ts'
import { type Checkpoint, progress, type Takeover } from './progress.ts'

export interface EventMetrics {
  tell(event: JobEvent): void
  read(into: Gathered): void
}

interface ShardCounts {
  readonly takeover: Histogram
  readonly duration: Histogram
  readonly phases: Readonly<Record<'barrier' | 'store' | 'commit', Histogram>>
  readonly bytes: Histogram
  /** By code. */
  readonly restarts: Map<string, number>
  readonly failures: Map<string, number>
  /** By type. */
  readonly events: Map<string, number>
}

/** @param count number of shards of this process */
export function eventMetrics(job: string, count: number, clock: Pick<Clock, 'monotonic'>): EventMetrics {
  const counts = new Map<number, ShardCounts>()
  const watched = progress(count, clock, { takeover, checkpoint })

  function of(shard: number): ShardCounts {
    const known = counts.get(shard)
    if (known !== undefined) return known
    const made = noCounts()
    counts.set(shard, made)
    return made
  }

  function takeover(one: Takeover): void {
    of(one.shard).takeover.observe(one.duration / 1e3)
    publish('rxweft:takeover', () => ({ job, ...one }))
  }

  function checkpoint(one: Checkpoint): void {
    const { duration, phases, bytes, failures } = of(one.shard)
    if (one.code !== undefined) increment(failures, one.code)
    if (one.phases !== undefined) {
      duration.observe(one.duration / 1e3)
      bytes.observe(one.bytes)
      for (const name of phaseNames) phases[name].observe(one.phases[name] / 1e3)
    }
    publish('rxweft:checkpoint', () => ({ job, ...one }))
  }

  return {
    tell(event) {
      const { shard = 0 } = event
      watched.tell(event)
      increment(of(shard).events, event.type)
      if (event.type === 'restarting') {
        const { error, delay } = event
        increment(of(shard).restarts, error.code)
        publish('rxweft:restart', () => ({ job, shard, code: error.code, delay }))
      }
      if (isEnd(event)) publish('rxweft:end', () => ({ job, ...endOf(event) }))
    },
    read(into) {
      const now = clock.monotonic()
      for (const [shard, its] of watched.shards) {
        const labels = { shard: String(shard) }
        const oldest = Math.min(now, ...[...its.underway.values()].map(({ triggeredAt }) => triggeredAt))
        into.add('checkpoint.number', labels, its.checkpoint ?? 0)
        into.add('checkpoint.age', labels, its.idle ? 0 : (now - its.since) / 1e3)
        into.add('checkpoint.underway', labels, (now - oldest) / 1e3)
      }
      for (const [shard, its] of counts) readCounts(into, String(shard), its)
    },
  }
}

const phaseNames = ['barrier', 'store', 'commit'] as const

function noCounts(): ShardCounts {
  return {
    takeover: histogram(durations),
    duration: histogram(durations),
    phases: { barrier: histogram(durations), store: histogram(durations), commit: histogram(durations) },
    bytes: histogram(sizes),
    restarts: new Map(),
    failures: new Map(),
    events: new Map(),
  }
}

function readCounts({ add, histogram }: Gathered, shard: string, its: ShardCounts): void {
  histogram('shard.takeover', { shard }, its.takeover.read())
  histogram('checkpoint.duration', { shard }, its.duration.read())
  for (const phase of phaseNames) histogram('checkpoint.phase', { shard, phase }, its.phases[phase].read())
  histogram('checkpoint.bytes', { shard }, its.bytes.read())
  for (const [code, count] of its.restarts) add('shard.restarts', { shard, code }, count)
  for (const [code, count] of its.failures) add('checkpoint.failures', { shard, code }, count)
  for (const [event, count] of its.events) add('shard.events', { shard, event }, count)
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function endOf(event: JobEvent): Omit<ChannelMessages['rxweft:end'], 'job'> {
  const code = event.type === 'failed' ? event.error.code : undefined
  return { outcome: event.type as ChannelMessages['rxweft:end']['outcome'], code }
}
