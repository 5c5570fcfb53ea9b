/** Feeds of a job under test, driven from the logs of what the test has pushed. */
import { Subject } from 'rxjs'
import { type Restore, type Watermark, watermark } from '../../element.ts'
import type { Job } from '../../job/defineJob.ts'
import type { Feed } from '../../job/feed.ts'
import type { CheckpointId, OperatorId, Split } from '../../record.ts'
import { withSetWatermarks } from './setWatermarks.ts'
import type { Logged, SourceLog } from './sourceLog.ts'

/** Inputs for watermarks set by the test, by source. */
export type SetWatermarks = Map<OperatorId, Subject<Watermark>>

export interface WiredSource {
  readonly feed: Feed
  readonly log: SourceLog
  readonly set: Subject<Watermark>
}

export interface WiredSources {
  /** The Restore; then every source has its positions. */
  begin(restored: Restore): void
  /** The watermarks that were set by hand, up to the checkpoint. */
  restoreWatermarks(): void
  /** Reads the next entry of all sources, in the order of addition. False: there is none. */
  readNext(): boolean
  barrier(checkpoint: CheckpointId): void
  exhaust(source: SourceLog): void
  complete(): void
}

/** Copy of the job with an input for watermarks at each source. */
export function withWaysIn(job: Job, sets: SetWatermarks): Job {
  return {
    ...job,
    pipeline: ({ from, repartition }) =>
      job.pipeline({
        repartition,
        from: ((source, strategy, options) => {
          const set = sets.get(source.id) ?? new Subject<Watermark>()
          sets.set(source.id, set)
          return withSetWatermarks(from(source, strategy, options), set)
        }) as typeof from,
      }),
  }
}

export function wiredSources(sources: readonly WiredSource[]): WiredSources {
  /** Splits held because they are too far ahead, for sources with alignment. */
  const held = new Map<SourceLog, (split: Split) => boolean>()

  function next(): readonly [WiredSource, Logged] | undefined {
    const heads = sources.flatMap((one) => {
      const logged = one.log.peek(held.get(one.log) ?? (() => false))
      return logged === undefined ? [] : [[one, logged] as const]
    })
    return heads.sort(([, a], [, b]) => a.sequence - b.sequence)[0]
  }

  function emit({ feed, log, set }: WiredSource, logged: Logged): void {
    log.take(logged)
    if (logged.kind === 'watermark') return set.next(watermark(logged.timestamp))
    const { value, timestamp, key, headers, split, offset } = logged
    feed.emit(value, timestamp, key, headers, split, offset)
    feed.settle()
  }

  return {
    begin(restored) {
      for (const { feed, log } of sources) feed.begin(restored, log.position(), (hold) => void held.set(log, hold))
    },
    restoreWatermarks() {
      for (const { log, set } of sources) if (log.marked > -Infinity) set.next(watermark(log.marked))
    },
    readNext() {
      const found = next()
      if (found !== undefined) emit(...found)
      return found !== undefined
    },
    barrier(checkpoint) {
      for (const { feed, log } of sources) feed.barrier(checkpoint, log.position())
    },
    exhaust(source) {
      for (const { feed, log } of sources) if (log === source) feed.exhausted()
    },
    complete() {
      for (const { set } of sources) set.complete()
      for (const { feed } of sources) feed.complete()
    },
  }
}
