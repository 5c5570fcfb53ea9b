import type { Observer } from 'rxjs'
import { type StreamElement, withKeySlots } from '../element.ts'
import { noKeySlots } from '../keySlots.ts'
import { type Key, type StreamRecord, withKey } from '../record.ts'
import { isKey } from '../state/keys.ts'
import type { Stream } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'
import { noKey } from './keyed/noKey.ts'

/**
 * Sets the key of each record: later operators keep state by it, and sinks write it.
 *
 *     R--a--b--1--c--|
 *     keyBy((letter) => letter)
 *     R--a--b--1--c--|      the same records, with keys a, b, c
 *
 * @param f returns a string, number, bigint or boolean; equal records must get equal keys, so use
 *   neither clock nor random numbers
 * @throws OPERATOR_FAILED if `f` throws, NO_KEY if it returns no key; see `onError`
 */
export function keyBy<T, K extends Key>(
  f: (value: T, record: StreamRecord<T>) => K,
  options: OperatorOptions = {},
): (source: Stream<T>) => Stream<T, K> {
  const onError = ownPolicy('keyBy', options)
  const start = (out: Observer<StreamElement<T>>): Step<T> => ({
    record(record) {
      const key = notAsync('keyBy', f(record.value, record))
      if (!isKey(key)) throw noKey('keyBy', record, key, hint)
      out.next(withKey(record, key))
    },
    restore: (restore) => out.next(withKeySlots(restore, noKeySlots)),
  })
  return operate('keyBy', start, onError) as (source: Stream<T>) => Stream<T, K>
}

const hint = 'Remove records without such a key by filter, or set onError'
