/**
 * State of one list for each key. Each element is an entry of its own in a table, so that appending to a long list costs one entry in the next
 * snapshot, and not the list. Elements are named by the order of their arrival, of which the operator has one count for all keys: so they
 * need no number of their list, and may go, when they expire, without leaving a gap that somebody must know of.
 *
 *   a: add x   b: add y   a: add z      a  1: x   3: z      b  2: y
 */
import type { Key } from '../record.ts'
import type { Codec } from '../serde/codec.ts'
import { arrivals } from './arrivals.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** The list of the current key. Elements that are changed in place stay as they were in the checkpoints: `set` the list anew. */
export interface ListState<V> {
  /** A copy, in the order in which they were added. */
  get(): readonly V[]
  add(value: V): void
  /** These, and no others. */
  set(values: Iterable<V>): void
  clear(): void
  readonly length: number
}

/**
 *   listState<number>()   listState(z.number())   listState<Order>({ ttl: 3_600_000 })
 *
 * With `ttl` each element expires by itself.
 *
 * @param given how elements are kept, or just their codec; default: JSON. Throws Fatal BAD_OPTION and NOT_A_CODEC.
 */
export function listState<V>(given: Codec<V> | StateOptions<V> = {}): StateSpec<ListState<V>> {
  const options = stateOptions('listState', given)
  return { open: (scope, name) => withLifetime(options, scope, (lifetime) => openList(scope, name, lifetime)) }
}

function openList<V, E>(scope: StateScope, name: string, lifetime: Lifetime<V, E>): ListState<V> {
  const { spec, entry, value, expires } = lifetime
  const table = scope.store.maps<Key, number, E>(name, spec)
  const nextArrival = arrivals(scope.store, `${name}.arrivals`)

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
