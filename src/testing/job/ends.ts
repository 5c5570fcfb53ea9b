/** The two ends of a job under test: what the test puts in, and what comes out. */
import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import type { SinkLog } from './sinkLog.ts'

export interface PushOptions {
  /** Event time, ms since the epoch; default: what the clock of the test says. Where the source's strategy has `withTimestamps`, that counts. */
  readonly timestamp?: number | undefined
  /** As the source would have decoded it; default null. */
  readonly key?: unknown
  readonly headers?: readonly Header[] | undefined
  /** Default 0. One that there was not so far is new from now on. */
  readonly partition?: number | undefined
  /** Of a source with several; default: the first. */
  readonly topic?: string | undefined
}

/** Stays the same over restores. */
export interface TestSource<T> {
  readonly id: OperatorId
  /** The job has processed it when this returns, but for what its functions await. Throws what the job ends with, and Fatal SOURCE_ENDED. */
  push(value: T, options?: PushOptions): void
  /**
   * Event time has come to `timestamp`, ms: no record with a lower one is expected of this source. For sources whose strategy tells watermarks this need
   * not be called, and lower ones than those have no effect.
   */
  watermark(timestamp: number): void
  /** The source is bounded, and through: its watermark is Infinity. After a restore it is open again. */
  end(): void
}

/** Stays the same over restores. */
export interface TestSink<T> {
  readonly id: OperatorId
  /** All that was written, in order; what is not committed is gone after a restore. */
  readonly values: readonly T[]
  /** The same with keys, timestamps and headers. */
  readonly records: readonly StreamRecord<T>[]
  /** Of `values`, those up to the last checkpoint: what others would see. */
  readonly committed: readonly T[]
  /** Of `values`, those since the last checkpoint. */
  readonly uncommitted: readonly T[]
  /** The values since the last call. What a restore has taken away and comes again is there again. */
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
