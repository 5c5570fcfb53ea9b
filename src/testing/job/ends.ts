import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import type { SinkLog } from './sinkLog.ts'

/** Options of `push`. */
export interface PushOptions {
  /**
   * Event time, ms since the epoch; `withTimestamps` of the source's strategy takes precedence.
   * Default: the time of the test's clock.
   */
  readonly timestamp?: number | undefined
  /** Key, as the source would have decoded it. Default null. */
  readonly key?: unknown
  /** Headers. Default: none. */
  readonly headers?: readonly Header[] | undefined
  /** Number of the partition; an unknown one is created. Default 0. */
  readonly partition?: number | undefined
  /** Topic, for a source with several. Default: the first. */
  readonly topic?: string | undefined
  /** Offset in the partition; offsets only rise. Default: one after the record before. */
  readonly offset?: number | undefined
}

/** Source of a job under test. It stays valid over restores. */
export interface TestSource<T> {
  /** Id of the source. */
  readonly id: OperatorId
  /**
   * Pushes a value. The job has processed it when this returns, except for asynchronous functions.
   * Throws the error with which the job ends.
   *
   * @throws SOURCE_ENDED after `end`
   */
  push(value: T, options?: PushOptions): void
  /**
   * Advances the event time of this source to `timestamp`, ms since the epoch. Not needed if the
   * source's strategy makes watermarks; lower ones have no effect.
   */
  watermark(timestamp: number): void
  /** Ends the source: its watermark becomes Infinity. A restore opens it again. */
  end(): void
}

/** Sink of a job under test. It stays valid over restores. */
export interface TestSink<T> {
  /** Id of the sink. */
  readonly id: OperatorId
  /** Values written so far, in order; a restore removes uncommitted ones. */
  readonly values: readonly T[]
  /** Records written so far, with keys, timestamps and headers. */
  readonly records: readonly StreamRecord<T>[]
  /** Values up to the last checkpoint: what other programs would see. */
  readonly committed: readonly T[]
  /** Values since the last checkpoint. */
  readonly uncommitted: readonly T[]
  /**
   * Returns the values since the last call. Values removed by a restore that are written again are
   * returned again.
   */
  drain(): readonly T[]
}

export function testSink<T>(log: SinkLog): TestSink<T> {
  const records = () => [...log.committed, ...log.uncommitted] as readonly StreamRecord<T>[]
  const values = (of: readonly StreamRecord<unknown>[]) => of.map(({ value }) => value as T)
  return {
    id: log.id,
    get values() {
      return values(records())
    },
    get records() {
      return records()
    },
    get committed() {
      return values(log.committed)
    },
    get uncommitted() {
      return values(log.uncommitted)
    },
    drain: () => values(log.drain()),
  }
}
