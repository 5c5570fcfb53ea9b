import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { type StreamRecord, withValue } from '../record.ts'
import type { StreamOperator } from '../stream.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Maps the value of each record; key, timestamp, headers and place stay.
 *
 *     R--a--1--b--|
 *     map((letter) => letter.toUpperCase())
 *     R--A--1--B--|
 *
 * `f` is called again for records that are read again after a restart.
 *
 * @throws OPERATOR_FAILED if `f` throws; see `onError`
 */
export function map<T, R, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => R,
  options: OperatorOptions = {},
): StreamOperator<T, R, K> {
  const onError = ownPolicy('map', options)
  const start = (out: Observer<StreamElement<R, K>>): Step<T, K> => ({
    record: (record) => out.next(withValue(record, f(record.value, record))),
  })
  return operate('map', start, onError)
}
