/** Layout of values in a table: plain, or, if they expire, with the time at which they were set. */
import { plainSpec, type Stamped, type StateOptions, stampedSpec } from './stateOptions.ts'
import type { StateScope } from './stateSpec.ts'
import type { TableSpec } from './table.ts'

export interface Lifetime<V, E> {
  readonly spec: TableSpec<E>
  readonly expires: boolean
  /** What to put into the table. */
  entry(value: V): E
  /** undefined: there is none, or it has expired. */
  value(entry: E | undefined): V | undefined
}

/** Opens a table as the options require; callers need not know its layout. */
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
