/** Metrics of one shard in the thread that runs it. */
import type { Clock } from '../../attempt.ts'
import type { Credits } from '../../backPressure.ts'
import type { Meter } from '../../meter.ts'
import { gather } from '../../metrics/gather.ts'
import type { Add, Metric } from '../../metrics/metric.ts'
import { type ShardMeters, shardMeters } from '../../metrics/shardMeters.ts'
import type { Output } from '../../stream.ts'

/** What a running attempt is asked at each reading. */
export interface AttemptView {
  readonly credits: Pick<Credits, 'inFlight' | 'measure'>
  /** @param now time of day, ms */
  read(add: Add, now: number): void
}

export interface ShardMetrics {
  readonly meters: ShardMeters
  /** Meter of what sources wait for in the sinks, which share their credits. */
  sinkMeter(outputs: readonly Output[]): Meter
  /** The attempt that runs; null between two. */
  view: AttemptView | null
  read(): readonly Metric[]
}

export function shardMetrics(job: string, shard: number, clock: Clock): ShardMetrics {
  const meters = shardMeters()
  const all: ShardMetrics = {
    meters,
    view: null,
    sinkMeter: ([first, ...others]) =>
      first === undefined || others.length > 0 ? meters.sinks : meters.sink(first.sink.id),
    read() {
      const gathered = gather({ job, shard: String(shard) })
      const { add } = gathered
      const now = clock.now()
      const { view } = all
      const held = view?.credits.measure()
      meters.read(add, now, held)
      add('shard.running', {}, view === null ? 0 : 1)
      if (view !== null) {
        add('shard.inflight', {}, view.credits.inFlight)
        view.read(add, now)
      }
      return gathered.all
    },
  }
  return all
}
