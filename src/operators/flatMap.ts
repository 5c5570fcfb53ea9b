/**
 * Any number of values for each record, all with its key, timestamp, headers and place.
 *
 *   R--a---1--b---|
 *   flatMap(twice)
 *   R--(aa)1--(bb)|
 */
import { type StreamRecord, withValue } from '../element.ts'
import { type ElementOperator, operate } from './operate.ts'

/** `f` may return any iterable, a generator's too; it is read to its end at once, so it must have one. If it throws: OPERATOR_FAILED. */
export function flatMap<T, R>(f: (value: T, record: StreamRecord<T>) => Iterable<R>): ElementOperator<T, R> {
  return operate('flatMap', (out) => ({
    record(record) {
      for (const value of f(record.value, record)) out.next(withValue(record, value))
    },
  }))
}
