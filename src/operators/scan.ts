import { type Key, type StreamRecord, withValue } from '../record.ts'
import type { StateOptions } from '../state/stateOptions.ts'
import { notAsync } from './engine/notAsync.ts'
import { type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { keyedValue, orSeed } from './keyed/keyedValue.ts'

type ScanOptions<S> = StatefulOptions & StateOptions<S>

/**
 * Emits the running state of each key. Like RxJS's `scan`, with the state kept in checkpoints.
 *
 *     R--a----b----1--a----|       keyed by letter
 *     scan((count) => count + 1, 0, { id: 'count' })
 *     R--<1>--<1>--1--<2>--|
 *
 * @param f may change the state in place and return it; undefined removes the state of the key
 * @param seed state of a key before its first record, or a function that makes it; use a function
 *   if `f` changes the state in place
 * @throws OPERATOR_FAILED if `f` throws; see `onError`. The state stays as it was
 */
export function scan<T, S, K extends Key>(
  f: (state: S, value: T, record: StreamRecord<T, K>) => S,
  seed: S | (() => S),
  options: ScanOptions<NoInfer<S>>,
): KeyedOperator<T, K, S>
/**
 * Emits the running state of each key, whose first record is its first state.
 *
 *     R--<1>--<2>--<3>--|
 *     scan((a, b) => a + b, { id: 'sum' })
 *     R--<1>--<3>--<6>--|
 *
 * @param f may change the state in place and return it; undefined removes the state of the key
 * @throws OPERATOR_FAILED if `f` throws; see `onError`. The state stays as it was
 */
export function scan<T, K extends Key>(
  f: (state: T, value: T, record: StreamRecord<T, K>) => T,
  options: ScanOptions<NoInfer<T>>,
): KeyedOperator<T, K, T>
export function scan<T, K extends Key>(
  f: (state: unknown, value: T, record: StreamRecord<T, K>) => unknown,
  ...given: readonly [unknown, ScanOptions<unknown>] | readonly [ScanOptions<unknown>]
): KeyedOperator<T, K, unknown> {
  if (given.length === 2) return running(f, given[0], given[1])
  return seedless(f, given[0])
}

function running<T, K extends Key>(
  f: (state: unknown, value: T, record: StreamRecord<T, K>) => unknown,
  seed: unknown,
  options: ScanOptions<unknown>,
): KeyedOperator<T, K, unknown> {
  return keyed<T, K, unknown>('scan', options, keyedRules, (context) => {
    const state = keyedValue<K, unknown>(context, 'state', options)
    const stateOf = orSeed(state, seed)
    return {
      record(record) {
        const next = notAsync(options.id, f(stateOf(record), record.value, record))
        state.set(record, next)
        context.out.next(withValue(record, next))
      },
    }
  })
}

function seedless<T, K extends Key>(
  f: (state: unknown, value: T, record: StreamRecord<T, K>) => unknown,
  options: ScanOptions<unknown>,
): KeyedOperator<T, K, unknown> {
  return keyed<T, K, unknown>('scan', options, keyedRules, (context) => {
    const state = keyedValue<K, unknown>(context, 'state', options)
    return {
      record(record) {
        const before = state.get(record)
        const next = before === undefined ? record.value : notAsync(options.id, f(before, record.value, record))
        state.set(record, next)
        context.out.next(withValue(record, next))
      },
    }
  })
}
