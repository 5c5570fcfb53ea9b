import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { StreamRecord } from '../record.ts'
import type { Stream, StreamOperator, Unawaited } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Emits only records that the predicate accepts; a type guard narrows the stream's type.
 *
 *     R--a--1--b--|
 *     filter((letter) => letter === 'b')
 *     R-----1--b--|
 *
 * Barriers and watermarks pass, so the offsets of dropped records are committed, too.
 *
 * @throws OPERATOR_FAILED if the predicate throws; see `onError`
 */
export function filter<T, S extends T = T, K = unknown>(
  predicate:
    | ((value: T, record: StreamRecord<T, K>) => value is S)
    | ((value: T, record: StreamRecord<T, K>) => boolean),
  options?: OperatorOptions,
): StreamOperator<T, S, K>
/** Does not compile: a promise is always true. Use `asyncMap` before it. */
export function filter<T, K = unknown>(
  predicate: (value: T, record: StreamRecord<T, K>) => Promise<unknown>,
): (source: Stream<T, K>) => Unawaited
export function filter<T, K = unknown>(
  predicate: (value: T, record: StreamRecord<T, K>) => unknown,
  options: OperatorOptions = {},
): (source: Stream<T, K>) => Stream<T, K> & Unawaited {
  const onError = ownPolicy('filter', options)
  const start = (out: Observer<StreamElement<T, K>>): Step<T, K> => ({
    record(record) {
      if (notAsync('filter', predicate(record.value, record))) out.next(record)
    },
  })
  return operate('filter', start, onError) as (source: Stream<T, K>) => Stream<T, K> & Unawaited
}
