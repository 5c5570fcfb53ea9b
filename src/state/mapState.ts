import type { Key } from '../record.ts'
import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** Read-only view of a map. */
export interface ReadonlyMapState<S extends Key, V> {
  /** Returns the value; undefined if there is none or it has expired. */
  get(key: S): V | undefined
  /** Tells whether there is a value. */
  has(key: S): boolean
  /** Returns the keys, in no particular order. */
  keys(): readonly S[]
  /** Returns the entries, in no particular order. */
  entries(): readonly (readonly [key: S, value: V])[]
  /** Number of entries. */
  readonly size: number
}

/** Map of the current key. Changes made to values in place reach checkpoints only after `set`. */
export interface MapState<S extends Key, V> extends ReadonlyMapState<S, V> {
  /** Sets one entry. */
  set(key: S, value: V): void
  /** Removes one entry. */
  delete(key: S): void
  /** Removes all entries. */
  clear(): void
}

/**
 * Declares state of one map per key, whose entries are read, changed and stored one by one.
 *
 *     keyedProcess({ state: { stock: mapState<string, number>() }, ... }, { id: 'stock' })
 *
 * Keys within the map are strings, unless the type argument says otherwise. With `ttl` each entry
 * expires on its own.
 *
 * @param given options, or just the codec of the values; default: JSON, no expiry
 * @throws BAD_OPTION if an option is wrong
 * @throws NOT_A_CODEC if the codec is not one
 */
export function mapState<S extends Key = string, V = unknown>(
  given: Codec<V> | StateOptions<V> = {},
): StateSpec<MapState<S, V>> {
  const options = stateOptions('mapState', given)
  return {
    open: (scope, name) =>
      withLifetime(options, scope, <E>(lifetime: Lifetime<V, E>) => openMap<S, V, E>(scope, name, lifetime)),
  }
}

function openMap<S extends Key, V, E>(scope: StateScope, name: string, lifetime: Lifetime<V, E>): MapState<S, V> {
  const { spec, entry, value, expires } = lifetime
  const table = scope.store.maps<Key, S, E>(name, spec)
  const get = (sub: S): V | undefined => value(table.get(scope.key(), sub))
  const keys = (): readonly S[] => {
    const all = table.subs(scope.key())
    return expires ? all.filter((sub) => get(sub) !== undefined) : all
  }
  return {
    get,
    has: (sub) => (expires ? get(sub) !== undefined : table.has(scope.key(), sub)),
    keys,
    entries: () => keys().map((sub) => [sub, get(sub) as V]),
    get size() {
      return expires ? keys().length : table.count(scope.key())
    },
    set: (sub, given) => table.set(scope.key(), sub, entry(given)),
    delete: (sub) => table.delete(scope.key(), sub),
    clear: () => table.clear(scope.key()),
  }
}

/** Makes a view of the map that cannot change it. */
export function readonlyMap<S extends Key, V>(map: MapState<S, V>): ReadonlyMapState<S, V> {
  return {
    get: map.get,
    has: map.has,
    keys: map.keys,
    entries: map.entries,
    get size() {
      return map.size
    },
  }
}
