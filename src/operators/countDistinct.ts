import { type Key, type StreamRecord, withValue } from '../record.ts'
import { isKey } from '../state/keys.ts'
import { plainSpec } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { type KeyedOperator, keyed, statefulRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { noKey } from './keyed/noKey.ts'

/**
 * Emits the number of distinct values of each key, whenever it grows.
 *
 *     R--a----b----a--1--a--c----|       all of one key
 *     countDistinct((letter) => letter, { id: 'letters' })
 *     R-<1>--<2>------1----<3>---|
 *
 * The count is exact: each distinct value is kept, as an entry of its own, so a checkpoint writes
 * only the new ones. They are kept for good; to count by day, put the day into the key. A result
 * has the timestamp, headers and place of the record that made the count grow.
 *
 * @param by returns the value to count: a string, number, bigint or boolean
 * @throws OPERATOR_FAILED if `by` throws, NO_KEY if it returns anything else; see `onError`
 */
export function countDistinct<T, K extends Key>(
  by: (value: T, record: StreamRecord<T, K>) => Key,
  options: StatefulOptions,
): KeyedOperator<T, K, number> {
  return keyed<T, K, number>('countDistinct', options, statefulRules, (context) => {
    const seen = context.store.maps<K, Key, true>('seen', plainSpec<true>())
    return {
      record(record) {
        const { key } = record
        const counted = notAsync(options.id, by(record.value, record))
        if (!isKey(counted)) throw noKey(options.id, record, counted, 'Let `by` give one for every record')
        if (seen.has(key, counted)) return
        seen.set(key, counted, true)
        context.out.next(withValue(record, seen.count(key)))
      },
    }
  })
}
