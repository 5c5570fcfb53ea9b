/**
 * Only the records that the predicate accepts. Barriers and watermarks pass, so the offsets of what was left out are committed too.
 *
 *   R--a--1--b--|
 *   filter(isB)
 *   R-----1--b--|
 */
import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { StreamRecord } from '../record.ts'
import { type ElementOperator, operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/refusal.ts'

/** A predicate that is a type guard narrows the stream's type. If it throws: `onError`, OPERATOR_FAILED. */
export function filter<T, S extends T, K = unknown>(
  predicate: (value: T, record: StreamRecord<T, K>) => value is S,
  options?: OperatorOptions,
): ElementOperator<T, S, K>
export function filter<T, K = unknown>(
  predicate: (value: T, record: StreamRecord<T, K>) => boolean,
  options?: OperatorOptions,
): ElementOperator<T, T, K>
export function filter<T, K = unknown>(
  predicate: (value: T, record: StreamRecord<T, K>) => boolean,
  options: OperatorOptions = {},
): ElementOperator<T, T, K> {
  const onError = ownPolicy('filter', options)
  const start = (out: Observer<StreamElement<T, K>>): Step<T, K> => ({
    record(record) {
      if (predicate(record.value, record)) out.next(record)
    },
  })
  return operate('filter', start, onError)
}
