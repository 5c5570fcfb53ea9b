/**
 * Goes on from one state to the next for each key, and emits each: RxJS's scan, with the state in the checkpoints.
 *
 *   R--a--b--1--a--|       keyed by letter
 *   scan((count) => count + 1, 0)
 *   R--1--1--1--2--|
 */
import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

/**
 * @param f may change the state in place, if it returns it. If it throws, OPERATOR_FAILED: `onError`; the state then stays as it was.
 * @param seed the state of a key that has none. A function makes one for each key, as it must where `f` changes the state in place.
 */
export function scan<T, S, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => S,
  seed: S | (() => S),
  options: StatefulOptions & StateOptions<NoInfer<S>>,
): KeyedOperator<T, K, S> {
  return keyed<T, K, S>('scan', options, (context) => {
    const state = keyedValue<K, S>(context, 'state', options)
    const stateOf = orSeed(state, seed)
    return {
      record(record) {
        const next = f(stateOf(record), record.value, record)
        state.set(record, next)
        context.out.next(withValue(record, next))
      },
    }
  })
}
