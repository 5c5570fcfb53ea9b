import type { Codec } from '../serde/codec.ts'
import { type Lifetime, withLifetime } from './lifetime.ts'
import { type StateOptions, stateOptions } from './stateOptions.ts'
import type { StateScope, StateSpec } from './stateSpec.ts'

/** Value of the current key. Changes made in place reach checkpoints only after `set`. */
export interface ValueState<V> {
  /** Returns the value; undefined if there is none or it has expired. */
  get(): V | undefined
  /** Replaces the value. */
  set(value: V): void
  /** Removes the value. */
  delete(): void
}

/**
 * Declares state of one value per key, for `keyedProcess` and `connect`.
 *
 *     keyedProcess({ state: { cart: valueState<Cart>({ ttl: 3_600_000 }) }, ... }, { id: 'carts' })
 *
 * @param given options, or just the codec: `valueState(z.number())`; default: JSON, no expiry
 * @throws BAD_OPTION if an option is wrong
 * @throws NOT_A_CODEC if the codec is not one
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
