/**
 * State of one list for each key. Each element is an entry of its own in a table, under its place in the list, so that appending to a long
 * list costs one entry in the next snapshot, and not the list.
 *
 *   add a  add b  add c      0: a   1: b   2: c
 *   set [d]                  0: d
 */
import type { Key } from '../element.ts'
import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import type { MapTable } from './mapTable.ts'
import { type Stamped, type StateOptions, stampedSpec, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** The list of the current key. */
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
  const options = stateOptions(given)
  const { ttl } = options
  return {
    open(scope, name) {
      return withLifetime(options, scope, <E>(lifetime: Lifetime<V, E>) => {
        const table = scope.store.maps<Key, number, E>(name, lifetime.spec)
        const places = ttl === undefined ? dense(scope, table) : gappy(scope, table, name, ttl)
        return openList(scope, lifetime, table, places)
      })
    },
  }
}

/** Where the elements of the current key are. */
interface Places {
  /** In their order. */
  all(): readonly number[]
  /** For one more element. */
  next(): number
  clear(): void
}

function openList<V, E>(
  scope: StateScope,
  { entry, value, expires }: Lifetime<V, E>,
  table: MapTable<Key, number, E>,
  places: Places,
): ListState<V> {
  const get = (): readonly V[] => {
    const key = scope.key()
    return places.all().flatMap((place) => {
      const found = value(table.get(key, place))
      return found === undefined ? [] : [found]
    })
  }
  const add = (given: V): void => table.set(scope.key(), places.next(), entry(given))
  const clear = (): void => {
    table.clear(scope.key())
    places.clear()
  }
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

/** From 0 on, without gaps. */
function dense(scope: StateScope, table: MapTable<Key, number, unknown>): Places {
  const next = (): number => table.count(scope.key())
  return { next, all: () => Array.from({ length: next() }, (_, place) => place), clear: () => undefined }
}

/** Elements that expire leave gaps, maybe at the end, so how far a list has come is kept beside it, for as long as its last element may live. */
function gappy(scope: StateScope, table: MapTable<Key, number, unknown>, name: string, ttl: number): Places {
  const ends = scope.store.values<Key, Stamped<number>>(`${name}.end`, stampedSpec<number>({}, ttl, scope.eventTime))
  return {
    all: () => [...table.subs(scope.key())].sort((a, b) => a - b),
    next() {
      const end = ends.get(scope.key())
      const place = end?.value ?? 0
      ends.set(scope.key(), { at: Math.max(scope.time(), end?.at ?? -Infinity), value: place + 1 })
      return place
    },
    clear: () => ends.delete(scope.key()),
  }
}
