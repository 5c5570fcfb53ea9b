import { aFunction, required, wholeNumber } from '../optionRules.ts'
import { optionProblems } from '../options.ts'
import { type Key, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { checkKeyed, type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/**
 * Emits the ranking of each key, its first `n` values by `compare`, whenever it changes.
 *
 *     R--3----1------4------2--|       of one key
 *     topN(2, (a, b) => b - a, { id: 'largest' })
 *     R-[3]-[3,1]--[4,3]-------|
 *
 * Of equal values the earlier one is first. A result has the key, timestamp, headers and place of
 * the record that changed the ranking. Only the ranking is kept, as one value of state. After the
 * Top-N of Flink SQL; for one of each window, put the window into the key.
 *
 * @param n length of a ranking, a whole number from 1
 * @param compare returns a number below 0 if the first value ranks before the second one, as for
 *   `Array.sort`
 * @throws BAD_OPTION if `n` is not a whole number from 1
 * @throws OPERATOR_FAILED if `compare` throws; see `onError`. The ranking stays as it was
 */
export function topN<T, K extends Key>(
  n: number,
  compare: (a: T, b: T) => number,
  options: StatefulOptions & StateOptions<readonly NoInfer<T>[]>,
): KeyedOperator<T, K, readonly T[]> {
  const rules = { n: required(wholeNumber(1)), compare: required(aFunction) }
  checkKeyed('topN', options, keyedRules, optionProblems({ n, compare }, rules))
  return keyed<T, K, readonly T[]>('topN', options, keyedRules, (context) => {
    const state = keyedValue<K, readonly T[]>(context, 'ranking', options)
    const rankingOf = orSeed<K, readonly T[]>(state, [])
    return {
      record(record) {
        const { value } = record
        const ranking = rankingOf(record)
        const later = ranking.findIndex((ranked) => notAsync(options.id, compare(value, ranked)) < 0)
        const place = later < 0 ? ranking.length : later
        if (place >= n) return
        const next = ranking.toSpliced(place, 0, value).slice(0, n)
        state.set(record, next)
        context.out.next(withValue(record, next))
      },
    }
  })
}
