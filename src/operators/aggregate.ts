import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/**
 * Turns many values into one, for `aggregate` and for windows.
 *
 *     { create: () => [0, 0], add: ([n, s], x) => [n + 1, s + x], result: ([n, s]) => s / n }
 */
export interface Aggregator<T, A, R> {
  /** Returns the accumulator of no values. */
  readonly create: () => A
  /** Adds a value; may change the accumulator in place and return it. */
  readonly add: (accumulator: A, value: T, record: StreamRecord<T>) => A
  /** Returns the result so far. */
  readonly result: (accumulator: A) => R
}

/**
 * Emits the running result of each key's accumulator.
 *
 *     R--<1>--<2>----<3>--|
 *     aggregate(mean, { id: 'means' })        see Aggregator
 *     R--<1>--<1.5>--<2>--|
 *
 * @throws OPERATOR_FAILED if a function throws; see `onError`. The accumulator stays as it was
 */
export function aggregate<T, A, R, K extends Key>(
  aggregator: Aggregator<T, A, R>,
  options: StatefulOptions & StateOptions<NoInfer<A>>,
): KeyedOperator<T, K, R> {
  const { create, add, result } = aggregator
  return keyed<T, K, R>('aggregate', options, keyedRules, (context) => {
    const state = keyedValue<K, A>(context, 'state', options)
    const accumulatorOf = orSeed(state, create)
    return {
      record(record) {
        const accumulator = notAsync(options.id, add(accumulatorOf(record), record.value, record))
        const value = notAsync(options.id, result(accumulator))
        state.set(record, accumulator)
        context.out.next(withValue(record, value))
      },
    }
  })
}
