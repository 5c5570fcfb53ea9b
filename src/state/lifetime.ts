/** Storage of values in a table: bare, or, if they expire, with the time at which they were set. */
import { plainSpec, type Stamped, type StateOptions, stampedSpec } from './stateOptions.ts'
import type { StateScope } from './stateSpec.ts'
import type { TableSpec } from './table.ts'

export interface Lifetime<V, E> {
  readonly spec: TableSpec<E>
  readonly expires: boolean
  /** Entry to store for the value. */
  entry(value: V): E
  /** Undefined if there is no value, or it has expired. */
  value(entry: E | undefined): V | undefined
}

/** Opens a table according to the options; its user need not know the form of entries. */
export function withLifetime<V, H>(
  options: StateOptions<V>,
  scope: StateScope,
  open: <E>(lifetime: Lifetime<V, E>) => H,
): H {
  return options.ttl === undefined ? open(lasting(options)) : open(expiring(options, options.ttl, scope))
}

function lasting<V>(options: StateOptions<V>): Lifetime<V, V> {
  return { spec: plainSpec(options), expires: false, entry: (value) => value, value: (entry) => entry }
}

function expiring<V>(options: StateOptions<V>, ttl: number, scope: StateScope): Lifetime<V, Stamped<V>> {
  return {
    spec: stampedSpec(options, ttl, scope.eventTime),
    expires: true,
    entry(value) {
      const time = scope.time()
      return { at: time > -Infinity ? time : Infinity, value }
    },
    value: (entry) => (entry === undefined || scope.time() >= entry.at + ttl ? undefined : entry.value),
  }
}
