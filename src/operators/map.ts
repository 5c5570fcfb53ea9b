import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { type StreamRecord, withValue } from '../record.ts'
import type { Stream, StreamOperator, Unawaited } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Maps the value of each record; a promise does not compile: use `asyncMap`, which waits for it.
 */
export function map<T, R extends Promise<unknown>, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => R,
): (source: Stream<T, K>) => Emitted<R, K>
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
// biome-ignore lint/suspicious/noExplicitAny: of unknown results, the next operator would complain if `options` are wrong
export function map<T, R = any, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => R,
  options?: OperatorOptions,
): StreamOperator<T, R, K>
export function map<T, R, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => R,
  options: OperatorOptions = {},
): StreamOperator<T, R, K> {
  const onError = ownPolicy('map', options)
  const start = (out: Observer<StreamElement<R, K>>): Step<T, K> => ({
    record: (record) => out.next(withValue(record, notAsync('map', f(record.value, record)))),
  })
  return operate('map', start, onError)
}

/** Promises are refused; a function may also return `any`, or never return. */
type Emitted<R, K> = 0 extends 1 & R ? Stream<R, K> : [R] extends [never] ? Stream<R, K> : Unawaited
