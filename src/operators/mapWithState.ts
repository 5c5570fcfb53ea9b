/**
 * Makes out of the state of its key and a record the next state and what goes out.
 *
 *   R--a--b--1--a--|       keyed by letter
 *   mapWithState((count, letter) => [count + 1, letter + count], 0)
 *   R--a0-b0-1--a1-|
 */
import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/** What `f` answers: the next state, undefined to forget it, and what goes out. */
type Answer<S, R> = readonly [state: S | undefined, result: R]

/**
 * @param f may change the state in place, if it returns it. If it throws, OPERATOR_FAILED: `onError`; the state then stays as it was.
 * @param seed the state of a key that has none. A function makes one for each key, as it must where `f` changes the state in place. Left out: `f` gets
 *   undefined, and the type of the state is to be said there, or by the codec.
 */
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => Answer<NoInfer<S>, R>,
  seed: S | (() => S),
  options: StatefulOptions & StateOptions<NoInfer<S>>,
): KeyedOperator<T, K, R>
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
  return keyed<T, K, R>('mapWithState', options, (context) => {
    const state = keyedValue<K, S>(context, 'state', options)
    const stateOf = orSeed(state, first)
    return {
      record(record) {
        const [next, result] = f(stateOf(record), record.value, record)
        state.set(record, next)
        context.out.next(withValue(record, result))
      },
    }
  })
}

type Options<S> = StatefulOptions & StateOptions<S>
