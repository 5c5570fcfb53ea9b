/** Which timestamp a sink writes: the option `timestamps`. */
import type { Clock } from '../attempt.ts'
import type { StreamRecord } from '../record.ts'

/**
 * - `'event'`: event time. A result that lies ahead of everything that went into it (the end of a window, a timer that rings at the end of
 *   the input) has the highest event time among its input instead: brokers refuse timestamps far in the future.
 * - `'source'`: the timestamp that the record had in its source; results of windows and timers, which come from no single record, as
 *   `'event'`.
 * - `'now'`: the clock, when the record is written.
 */
export type Timestamps = 'event' | 'source' | 'now'

export const allTimestamps: readonly unknown[] = ['event', 'source', 'now'] satisfies readonly Timestamps[]

/** ms since the epoch, and not checked in any way. */
export function writtenTimestamp(
  timestamps: Timestamps,
  clock: Pick<Clock, 'now'>,
): (record: StreamRecord<unknown>) => number {
  if (timestamps === 'now') return () => clock.now()
  if (timestamps === 'event') return (record) => record.writtenTime ?? record.timestamp
  return (record) => record.sourceTime ?? record.writtenTime ?? record.timestamp
}
