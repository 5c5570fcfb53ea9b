/**
 * Keeps an accumulator for each key and emits what it comes to, after each record.
 *
 *   R--1--2--3--|
 *   aggregate({ create: () => [0, 0], add: ([n, sum], x) => [n + 1, sum + x], result: ([n, sum]) => sum / n })
 *   R--1--1.5-2-|
 */
import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/** How many values become one. Also for windows, which are aggregated as their records come. */
export interface Aggregator<T, A, R> {
  /** The accumulator of nothing. */
  readonly create: () => A
  /** May change the accumulator in place, if it returns it. */
  readonly add: (accumulator: A, value: T, record: StreamRecord<T>) => A
  readonly result: (accumulator: A) => R
}

/** If a function throws, OPERATOR_FAILED: `onError`; the accumulator then stays as it was. */
export function aggregate<T, A, R, K extends Key>(
  aggregator: Aggregator<T, A, R>,
  options: StatefulOptions & StateOptions<NoInfer<A>>,
): KeyedOperator<T, K, R> {
  const { create, add, result } = aggregator
  return keyed<T, K, R>('aggregate', options, (context) => {
    const state = keyedValue<K, A>(context, 'state', options)
    const accumulatorOf = orSeed(state, create)
    return {
      record(record) {
        const accumulator = add(accumulatorOf(record), record.value, record)
        const value = result(accumulator)
        state.set(record, accumulator)
        context.out.next(withValue(record, value))
      },
    }
  })
}
