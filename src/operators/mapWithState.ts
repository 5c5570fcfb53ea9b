import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/** Next state, or undefined to forget it, and the value to emit. */
type Answer<S, R> = readonly [state: S | undefined, result: R]

/**
 * Maps each record together with the state of its key, and replaces the state.
 *
 *     R--a--b--1--a--|       keyed by letter
 *     mapWithState((count, letter) => [count + 1, letter + count], 0, { id: 'numbered' })
 *     R--a0-b0-1--a1-|
 *
 * @param f returns the next state (undefined to forget it) and the value to emit; may change the
 *   state in place and return it
 * @param seed state of a key before its first record, or a function that makes it; use a function
 *   if `f` changes the state in place
 * @throws OPERATOR_FAILED if `f` throws; see `onError`. The state stays as it was
 */
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => Answer<NoInfer<S>, R>,
  seed: S | (() => S),
  options: StatefulOptions & StateOptions<NoInfer<S>>,
): KeyedOperator<T, K, R>
/**
 * Maps each record together with the state of its key, which is undefined at first.
 *
 * Declare the type of the state in `f`, or by the codec.
 *
 * @param f returns the next state (undefined to forget it) and the value to emit; may change the
 *   state in place and return it
 * @throws OPERATOR_FAILED if `f` throws; see `onError`. The state stays as it was
 */
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S | undefined, value: T, record: StreamRecord<T, K>) => Answer<S, R>,
  options: StatefulOptions & StateOptions<S>,
): KeyedOperator<T, K, R>
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => Answer<S, R>,
  ...[seed, given]: [S | (() => S), Options<S>] | [Options<S>]
): KeyedOperator<T, K, R> {
  const options = given ?? (seed as Options<S>)
  const first = given === undefined ? (undefined as S) : (seed as S | (() => S))
  return keyed<T, K, R>('mapWithState', options, keyedRules, (context) => {
    const state = keyedValue<K, S>(context, 'state', options)
    const stateOf = orSeed(state, first)
    return {
      record(record) {
        const [next, result] = notAsync(options.id, f(stateOf(record), record.value, record))
        state.set(record, next)
        context.out.next(withValue(record, result))
      },
    }
  })
}

type Options<S> = StatefulOptions & StateOptions<S>
