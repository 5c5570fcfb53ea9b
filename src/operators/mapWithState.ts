/**
 * Makes out of the state of its key and a record the next state and what goes out.
 *
 *   R--a--b--1--a--|       keyed by letter
 *   mapWithState((count = 0, letter) => [count + 1, letter + count])
 *   R--a0-b0-1--a1-|
 */
import { type Key, type StreamRecord, withValue } from '../element.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed.ts'
import type { StatefulOptions } from './keyedStep.ts'
import { keyedValue } from './keyedValue.ts'

/**
 * @param f gets undefined as the state of a key that has none, and forgets it by answering undefined. It may change the state in place, if it
 *   returns it. If it throws, OPERATOR_FAILED: `onError`; the state then stays as it was.
 */
export function mapWithState<T, S, R, K extends Key>(
  f: (state: S | undefined, value: T, record: StreamRecord<T, K>) => readonly [state: S | undefined, result: R],
  options: StatefulOptions & StateOptions<S>,
): KeyedOperator<T, K, R> {
  return keyed<T, K, R>('mapWithState', options, (context) => {
    const state = keyedValue<K, S>(context, 'state', options)
    return {
      record(record) {
        const [next, result] = f(state.get(record), record.value, record)
        state.set(record, next)
        context.out.next(withValue(record, result))
      },
    }
  })
}
