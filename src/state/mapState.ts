/** State of one map for each key, whose entries are read, changed and kept one by one. */
import type { Key } from '../record.ts'
import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** A map that is only looked into. */
export interface ReadonlyMapState<S extends Key, V> {
  /** undefined: there is none, or it has expired. */
  get(key: S): V | undefined
  has(key: S): boolean
  /** Those that there are now, in no particular order. */
  keys(): readonly S[]
  entries(): readonly (readonly [key: S, value: V])[]
  readonly size: number
}

/** The map of the current key. A value that is changed in place stays as it was in the checkpoints, until it is `set`. */
export interface MapState<S extends Key, V> extends ReadonlyMapState<S, V> {
  set(key: S, value: V): void
  delete(key: S): void
  clear(): void
}

/**
 *   mapState<string, number>()   mapState(z.number())   mapState<number, Order>({ ttl: 3_600_000 })
 *
 * Keys within the map are strings, where nothing else is said. With `ttl` each entry expires by itself.
 *
 * @param given how values are kept, or just their codec; default: JSON. Throws Fatal BAD_OPTION and NOT_A_CODEC.
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

/** The same map for those who may not change it. */
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
