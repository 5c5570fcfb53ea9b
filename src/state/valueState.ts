/** State of one value for each key. */
import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** The value of the current key. One that is changed in place stays as it was in the checkpoints, until it is `set`. */
export interface ValueState<V> {
  /** undefined: there is none, or it has expired. */
  get(): V | undefined
  set(value: V): void
  delete(): void
}

/**
 *   valueState<number>()   valueState(z.number())   valueState<Cart>({ ttl: 3_600_000 })
 *
 * @param given how values are kept, or just their codec; default: JSON. Throws Fatal BAD_OPTION and NOT_A_CODEC.
 */
export function valueState<V>(given: Codec<V> | StateOptions<V> = {}): StateSpec<ValueState<V>> {
  const options = stateOptions('valueState', given)
  return { open: (scope, name) => withLifetime(options, scope, (lifetime) => openValue(scope, name, lifetime)) }
}

function openValue<V, E>(scope: StateScope, name: string, { spec, entry, value }: Lifetime<V, E>): ValueState<V> {
  const table = scope.store.values(name, spec)
  return {
    get: () => value(table.get(scope.key())),
    set: (given) => table.set(scope.key(), entry(given)),
    delete: () => table.delete(scope.key()),
  }
}
