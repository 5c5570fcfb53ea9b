/**
 * Only the records that the predicate accepts. Barriers and watermarks pass, so the offsets of what was left out are committed too.
 *
 *   R--a--1--b--|
 *   filter(isB)
 *   R-----1--b--|
 */
import type { Observer } from 'rxjs'
import type { StreamElement, StreamRecord } from '../element.ts'
import { type ElementOperator, operate, type Step } from './operate.ts'
import type { OperatorOptions } from './refusal.ts'

/** A predicate that is a type guard narrows the stream's type. If it throws: `onError`, OPERATOR_FAILED. */
export function filter<T, S extends T>(
  predicate: (value: T, record: StreamRecord<T>) => value is S,
  options?: OperatorOptions,
): ElementOperator<T, S>
export function filter<T>(
  predicate: (value: T, record: StreamRecord<T>) => boolean,
  options?: OperatorOptions,
): ElementOperator<T, T>
export function filter<T>(
  predicate: (value: T, record: StreamRecord<T>) => boolean,
  { onError }: OperatorOptions = {},
): ElementOperator<T, T> {
  const start = (out: Observer<StreamElement<T>>): Step<T> => ({
    record(record) {
      if (predicate(record.value, record)) out.next(record)
    },
  })
  return operate('filter', start, onError)
}
