/**
 * Another value for each record; its key, timestamp, headers and place stay.
 *
 *   R--a--1--b--|
 *   map(upper)
 *   R--A--1--B--|
 */
import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { type StreamRecord, withValue } from '../record.ts'
import { type ElementOperator, operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/refusal.ts'

/** `f` is called once per record and attempt, so again for records that are read again after a restart. If it throws: `onError`, OPERATOR_FAILED. */
export function map<T, R, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => R,
  options: OperatorOptions = {},
): ElementOperator<T, R, K> {
  const onError = ownPolicy('map', options)
  const start = (out: Observer<StreamElement<R, K>>): Step<T, K> => ({
    record: (record) => out.next(withValue(record, f(record.value, record))),
  })
  return operate('map', start, onError)
}
