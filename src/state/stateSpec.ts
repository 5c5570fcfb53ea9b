/**
 * An operator declares its state by name: specs are values, made with valueState, listState and
 * mapState. The user's functions get handles, which act on the key of the record or timer that is
 * being processed.
 */
import type { Key } from '../record.ts'
import type { OperatorStore } from './store.ts'

/** What state must know about the call in progress. */
export interface StateScope {
  /** Tables of the operator. */
  readonly store: OperatorStore
  /**
   * Key being processed.
   *
   * @throws OUTSIDE_OF_CALL if nothing is being processed
   */
  key(): Key
  /**
   * Event time of the call, ms: the lifetime of a value set now starts here. -Infinity: unknown, so
   * the value stays until it is set again.
   */
  time(): number
  /** Event time so far, ms: values that have expired by then may be dropped. */
  eventTime(): number
}

/** Declaration of a piece of state, made by `valueState`, `listState` or `mapState`. */
export interface StateSpec<H> {
  /**
   * Called by operators at the start of an attempt.
   *
   * @throws BAD_OPTION
   * @throws DUPLICATE_STATE
   */
  readonly open: (scope: StateScope, name: string) => H
}

/** Declarations of an operator's state by name. Snapshots find state by these names: keep them. */
export type StateSpecs = Readonly<Record<string, StateSpec<unknown>>>

/** Handles to the declared state, by the same names. */
export type Handles<S> = { readonly [N in keyof S]: S[N] extends StateSpec<infer H> ? H : never }

export function openStates<S extends StateSpecs>(specs: S | undefined, scope: StateScope): Handles<S> {
  const handles = Object.entries(specs ?? {}).map(([name, spec]) => [name, spec.open(scope, name)] as const)
  return Object.fromEntries(handles) as Handles<S>
}
