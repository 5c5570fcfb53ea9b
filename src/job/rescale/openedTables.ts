/**
 * The tables that the operators of a job open at a Restore, and the slots of their keys: what the
 * mover must know to divide their snapshots.
 */
import type { FindKeySlots } from '../../keySlots.ts'
import type { OperatorId } from '../../record.ts'
import type { StateBackend } from '../../state/memoryState.ts'
import type { AllowDroppedState } from '../../state/states.ts'
import { states } from '../../state/states.ts'
import type { OperatorStore, StateTables } from '../../state/store.ts'
import type { TableSpec } from '../../state/table.ts'

export interface OpenedTables {
  /** To be opened in place of the job's own. */
  readonly backend: StateBackend
  /** Operators with keyed state. */
  readonly operators: () => Iterable<OperatorId>
  /**
   * True if the operator has keyed state, false if what it had may be dropped. Throws Fatal
   * STATE_UNCLAIMED otherwise.
   */
  claims(operator: OperatorId): boolean
  /** Slots of the keys of an operator; null: none. */
  keySlots(operator: OperatorId): ReturnType<FindKeySlots>
  /**
   * The specification of a table, by its name in snapshots. Undefined: the state may be dropped.
   * Throws Fatal STATE_UNCLAIMED if it may not.
   */
  spec(operator: OperatorId, table: string): TableSpec<unknown> | undefined
}

export function openedTables(): OpenedTables {
  const specs = new Map<string, TableSpec<unknown>>()
  const slots = new Map<OperatorId, FindKeySlots>()
  let tables: StateTables = states()

  function open(inner: StateTables, operator: OperatorId, keySlots: FindKeySlots | undefined): OperatorStore {
    const store = inner.open(operator)
    if (keySlots !== undefined) slots.set(operator, keySlots)
    const noted = (kind: string, name: string, spec: unknown): void =>
      void specs.set(JSON.stringify([operator, `${kind}:${name}`]), spec as TableSpec<unknown>)
    return {
      ...store,
      values(name, spec) {
        noted('value', name, spec)
        return store.values(name, spec)
      },
      maps(name, spec) {
        noted('map', name, spec)
        return store.maps(name, spec)
      },
    }
  }

  return {
    backend: {
      async open({ allowDroppedState }: { readonly allowDroppedState: AllowDroppedState }) {
        const inner = states(allowDroppedState)
        tables = inner
        return { ...inner, open: (operator, keySlots) => open(inner, operator, keySlots) }
      },
    },
    operators: () => tables.operators,
    claims: (operator) => tables.claims(operator),
    keySlots: (operator) => slots.get(operator)?.() ?? null,
    spec(operator, table) {
      if (!tables.claims(operator)) return undefined
      const spec = specs.get(JSON.stringify([operator, table.replace(/^timed /, '')]))
      // Nobody has this table: the store itself says what that means.
      if (spec === undefined) tables.load(operator, { table, version: 1, bytes: new Uint8Array() })
      return spec
    },
  }
}
