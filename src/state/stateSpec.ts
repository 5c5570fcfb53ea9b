/**
 * What an operator's state is made of: by name, what there is for each key. Specs are values, made with valueState, listState and mapState; what
 * functions of the user's then get are handles, which work on the key of the record or timer that is being processed.
 */
import type { Key } from '../record.ts'
import type { OperatorStore } from './store.ts'

/** What is being processed, as far as state must know. */
export interface StateScope {
  readonly store: OperatorStore
  /** Whose state it is. Throws Fatal OUTSIDE_OF_CALL while nothing is being processed. */
  key(): Key
  /** Its event time, ms: a value that is set now lives from here on. -Infinity: it is not known, and the value stays until it is set again. */
  time(): number
  /** How far event time has come: what has expired by then may be forgotten. */
  eventTime(): number
}

export interface StateSpec<H> {
  /** For operators, at the Restore. Throws Fatal BAD_OPTION and DUPLICATE_STATE. */
  readonly open: (scope: StateScope, name: string) => H
}

/** By name: under which it is found again, so names must stay. */
export type StateSpecs = Readonly<Record<string, StateSpec<unknown>>>

/** The handles that specs stand for. */
export type Handles<S> = { readonly [N in keyof S]: S[N] extends StateSpec<infer H> ? H : never }

export function openStates<S extends StateSpecs>(specs: S | undefined, scope: StateScope): Handles<S> {
  const handles = Object.entries(specs ?? {}).map(([name, spec]) => [name, spec.open(scope, name)] as const)
  return Object.fromEntries(handles) as Handles<S>
}
