/**
 * Looks at each record and lets it pass unchanged: for counters and logs.
 *
 *   R--a--1--b--|
 *   tap(look)        look(a), look(b)
 *   R--a--1--b--|
 */
import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { StreamRecord } from '../record.ts'
import { type ElementOperator, operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/refusal.ts'

/** What `f` does outside the pipeline is no part of a checkpoint: after a restart it sees records again. If it throws: `onError`, OPERATOR_FAILED. */
export function tap<T, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => void,
  options: OperatorOptions = {},
): ElementOperator<T, T, K> {
  const onError = ownPolicy('tap', options)
  const start = (out: Observer<StreamElement<T, K>>): Step<T, K> => ({
    record(record) {
      f(record.value, record)
      out.next(record)
    },
  })
  return operate('tap', start, onError)
}
