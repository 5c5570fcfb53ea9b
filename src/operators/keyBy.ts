/**
 * Gives each record the key that the operators after it keep state under, and that a sink writes.
 *
 *   R--a--b--1--c--|
 *   keyBy(first letter)
 *   R--a--b--1--c--|      the same records, with key a, b, c
 */
import type { Observer, OperatorFunction } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { type Key, type StreamRecord, withKey } from '../record.ts'
import { isKey } from '../state/keys.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/refusal.ts'
import { noKey } from './keyed/noKey.ts'

/** `f` must give equal records equal keys: no clock, no random. If it throws, OPERATOR_FAILED, and if it gives what is no key, NO_KEY: `onError`. */
export function keyBy<T, K extends Key>(
  f: (value: T, record: StreamRecord<T>) => K,
  options: OperatorOptions = {},
): OperatorFunction<StreamElement<T>, StreamElement<T, K>> {
  const onError = ownPolicy('keyBy', options)
  const start = (out: Observer<StreamElement<T>>): Step<T> => ({
    record(record) {
      const key = f(record.value, record)
      if (!isKey(key)) throw noKey('keyBy', record, key, hint)
      out.next(withKey(record, key))
    },
  })
  return operate('keyBy', start, onError) as OperatorFunction<StreamElement<T>, StreamElement<T, K>>
}

const hint = 'Leave records without one out with filter, or set onError'
