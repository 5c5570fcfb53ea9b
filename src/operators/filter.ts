/**
 * Only the records that the predicate accepts. Barriers and watermarks pass, so the offsets of what was left out are committed too.
 *
 *   R--a--1--b--|
 *   filter(isB)
 *   R-----1--b--|
 */
import type { StreamRecord } from '../element.ts'
import { type ElementOperator, operate } from './operate.ts'

/** A predicate that is a type guard narrows the stream's type. If it throws: OPERATOR_FAILED. */
export function filter<T, S extends T>(
  predicate: (value: T, record: StreamRecord<T>) => value is S,
): ElementOperator<T, S>
export function filter<T>(predicate: (value: T, record: StreamRecord<T>) => boolean): ElementOperator<T, T>
export function filter<T>(predicate: (value: T, record: StreamRecord<T>) => boolean): ElementOperator<T, T> {
  return operate('filter', (out) => ({
    record(record) {
      if (predicate(record.value, record)) out.next(record)
    },
  }))
}
