import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { StreamRecord } from '../record.ts'
import type { StreamOperator } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Calls a function for each record and emits the record unchanged; for counters and logs.
 *
 *     R--a--1--b--|
 *     tap(log)         log(a), log(b)
 *     R--a--1--b--|
 *
 * Effects of the function are not a part of a checkpoint: after a restart it sees records again.
 *
 * @throws OPERATOR_FAILED if `f` throws; see `onError`
 */
export function tap<T, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => void,
  options: OperatorOptions = {},
): StreamOperator<T, T, K> {
  const onError = ownPolicy('tap', options)
  const start = (out: Observer<StreamElement<T, K>>): Step<T, K> => ({
    record(record) {
      notAsync<unknown>('tap', f(record.value, record))
      out.next(record)
    },
  })
  return operate('tap', start, onError)
}
