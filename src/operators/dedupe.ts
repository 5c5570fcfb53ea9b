import { required } from '../optionRules.ts'
import { optionProblems } from '../options.ts'
import type { Key, StreamRecord } from '../record.ts'
import { isKey } from '../state/keys.ts'
import { type Stamped, stampedSpec, stateRules } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { checkKeyed, type KeyedOperator, keyed, statefulRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { eventTime } from './keyed/keyedValue.ts'
import { noKey } from './keyed/noKey.ts'

/**
 * Drops records that repeat an id within `ttl` ms of event time, per key.
 *
 *     R--a--b--a--1--a--b--c--|       all of one key
 *     dedupe((letter) => letter, 60_000, { id: 'once' })
 *     R--a--b-----1--------c--|
 *
 * @param by returns the id of a record, such as an event's id
 * @param ttl ms of event time since the first record with the id: a job that was down for a week
 *   still knows it
 * @throws OPERATOR_FAILED if `by` throws, NO_KEY if it returns no key; see `onError`
 */
export function dedupe<T, K extends Key>(
  by: (value: T, record: StreamRecord<T, K>) => Key,
  ttl: number,
  options: StatefulOptions,
): KeyedOperator<T, K, T> {
  checkKeyed('dedupe', options, statefulRules, optionProblems({ ttl }, { ttl: required(stateRules.ttl) }))
  return keyed<T, K, T>('dedupe', options, statefulRules, (context) => {
    const time = eventTime(context)
    const seen = context.store.maps<K, Key, Stamped<true>>('seen', stampedSpec<true>({}, ttl, time.now))
    return {
      record(record) {
        const { key, timestamp, value } = record
        time.saw(timestamp)
        const id = notAsync(options.id, by(value, record))
        if (!isKey(id)) throw noKey(options.id, record, id, 'Let `by` give one for every record')
        const first = seen.get(key, id)
        // A late record may be older than the first one; it is a duplicate all the same.
        if (first !== undefined && timestamp < first.at + ttl) return
        seen.set(key, id, { at: timestamp, value: true })
        context.out.next(record)
      },
    }
  })
}
