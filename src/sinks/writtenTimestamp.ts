import type { Clock } from '../attempt.ts'
import type { StreamRecord } from '../record.ts'

/**
 * Timestamp with which a sink writes its records.
 *
 * - `'event'`: event time. A result that lies ahead of all its input (the end of a window, a timer
 *   at the end of the input) gets the highest event time of that input, because brokers refuse
 *   timestamps far in the future.
 * - `'source'`: the timestamp that the record had in its source; for results of windows and timers,
 *   which come from no single record, as `'event'`.
 * - `'now'`: the clock at the time of writing.
 */
export type Timestamps = 'event' | 'source' | 'now'

export const allTimestamps: readonly unknown[] = ['event', 'source', 'now'] satisfies readonly Timestamps[]

/** Timestamp to write, ms since the epoch; not validated. */
export function writtenTimestamp(
  timestamps: Timestamps,
  clock: Pick<Clock, 'now'>,
): (record: StreamRecord<unknown>) => number {
  if (timestamps === 'now') return () => clock.now()
  if (timestamps === 'event') return (record) => record.writtenTime ?? record.timestamp
  return (record) => record.sourceTime ?? record.writtenTime ?? record.timestamp
}
