/**
 * Makes one value out of all those of a key, and emits it each time: the first record is the first value.
 *
 *   R--1--2--(barrier)--3--|
 *   reduce((a, b) => a + b)
 *   R--1--3--(barrier)--6--|
 */
import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue } from './keyed/keyedValue.ts'

/** If `f` throws, OPERATOR_FAILED: `onError`; the state then stays as it was. */
export function reduce<T, K extends Key>(
  f: (reduced: T, value: T, record: StreamRecord<T, K>) => T,
  options: StatefulOptions & StateOptions<NoInfer<T>>,
): KeyedOperator<T, K, T> {
  return keyed<T, K, T>('reduce', options, (context) => {
    const state = keyedValue<K, T>(context, 'state', options)
    return {
      record(record) {
        const reduced = state.get(record)
        const next = reduced === undefined ? record.value : f(reduced, record.value, record)
        state.set(record, next)
        context.out.next(withValue(record, next))
      },
    }
  })
}
