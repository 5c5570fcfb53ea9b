/**
 * Each element is an entry of its own in a table, so appending to a long list adds one entry to the
 * next snapshot, not the whole list. One counter for all keys of the operator numbers the elements
 * in order of arrival: lists need no counters of their own, and expired elements leave no gaps to
 * track.
 *
 *     a: add x   b: add y   a: add z      a  1: x   3: z      b  2: y
 */
import type { Key } from '../record.ts'
import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { sequence } from './sequence.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/**
 * List of the current key. Changes made to elements in place reach checkpoints only after `set`.
 */
export interface ListState<V> {
  /** Returns a copy, in the order of addition. */
  get(): readonly V[]
  /** Appends an element. */
  add(value: V): void
  /** Replaces all elements. */
  set(values: Iterable<V>): void
  /** Removes all elements. */
  clear(): void
  /** Number of elements. */
  readonly length: number
}

/**
 * Declares state of one list per key, for `keyedProcess` and `connect`.
 *
 *     keyedProcess({ state: { orders: listState<Order>() }, ... }, { id: 'orders' })
 *
 * Appending costs one entry, however long the list is. With `ttl` each element expires on its own.
 *
 * @param given options, or just the codec of the elements; default: JSON, no expiry
 * @throws BAD_OPTION if an option is wrong
 * @throws NOT_A_CODEC if the codec is not one
 */
export function listState<V>(given: Codec<V> | StateOptions<V> = {}): StateSpec<ListState<V>> {
  const options = stateOptions('listState', given)
  return { open: (scope, name) => withLifetime(options, scope, (lifetime) => openList(scope, name, lifetime)) }
}

function openList<V, E>(scope: StateScope, name: string, lifetime: Lifetime<V, E>): ListState<V> {
  const { spec, entry, value, expires } = lifetime
  const table = scope.store.maps<Key, number, E>(name, spec)
  const nextArrival = sequence(scope.store, `${name}.arrivals`)

  const get = (): readonly V[] => {
    const key = scope.key()
    const places = [...table.subs(key)].sort((a, b) => a - b)
    return places.map((place) => value(table.get(key, place))).filter((found) => found !== undefined)
  }
  const add = (given: V): void => {
    const key = scope.key()
    table.set(key, nextArrival(), entry(given))
  }
  const clear = (): void => table.clear(scope.key())

  return {
    get,
    add,
    set(values) {
      const all = [...values]
      clear()
      for (const one of all) add(one)
    },
    clear,
    get length() {
      return expires ? get().length : table.count(scope.key())
    },
  }
}
