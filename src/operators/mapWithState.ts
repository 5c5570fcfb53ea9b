/**
 * Makes out of the state of its key and a record the next state and what goes out.
 *
 *   R--a--b--1--a--|       keyed by letter
 *   mapWithState((count, letter) => [count + 1, letter + count], 0)
 *   R--a0-b0-1--a1-|
 */
import { type Key, type StreamRecord, withValue } from '../element.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed.ts'
import type { StatefulOptions } from './keyedStep.ts'
import { keyedValue, orSeed } from './keyedValue.ts'

/**
 * @param f answers the next state, or undefined to forget it, and what goes out. It may change the state in place, if it returns it. If it throws,
 *   OPERATOR_FAILED: `onError`; the state then stays as it was.
 * @param seed the state of a key that has none. A function makes one for each key, as it must where `f` changes the state in place.
 */
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => readonly [state: NoInfer<S> | undefined, result: R],
  seed: S | (() => S),
  options: StatefulOptions & StateOptions<NoInfer<S>>,
): KeyedOperator<T, K, R> {
  return keyed<T, K, R>('mapWithState', options, (context) => {
    const state = keyedValue<K, S>(context, 'state', options)
    const stateOf = orSeed(state, seed)
    return {
      record(record) {
        const [next, result] = f(stateOf(record), record.value, record)
        state.set(record, next)
        context.out.next(withValue(record, result))
      },
    }
  })
}
