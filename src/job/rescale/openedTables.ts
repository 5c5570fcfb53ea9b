/**
 * The tables that the operators of a job open at a Restore, and the slots of their keys: what the
 * mover must know to divide their snapshots.
 */
import type { FindKeySlots } from '../../keySlots.ts'
import type { OperatorId } from '../../record.ts'
import type { StateBackend } from '../../state/memoryState.ts'
import { findOpen, noting, type OpenTable } from '../../state/openTables.ts'
import { type AllowDroppedState, states } from '../../state/states.ts'
import type { StateTables } from '../../state/store.ts'
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
  const opened: OpenTable[] = []
  const slots = new Map<OperatorId, FindKeySlots>()
  let tables: StateTables = states()

  return {
    backend: {
      async open({ allowDroppedState }: { readonly allowDroppedState: AllowDroppedState }) {
        const inner = noting(states(allowDroppedState), opened)
        tables = inner
        return {
          ...inner,
          open(operator, keySlots) {
            if (keySlots !== undefined) slots.set(operator, keySlots)
            return inner.open(operator, keySlots)
          },
        }
      },
    },
    operators: () => tables.operators,
    claims: (operator) => tables.claims(operator),
    keySlots: (operator) => slots.get(operator)?.() ?? null,
    spec(operator, table) {
      if (!tables.claims(operator)) return undefined
      const found = findOpen(opened, operator, table)
      if (found === undefined) tables.load(operator, { table, version: 1, bytes: new Uint8Array() })
      return found?.spec
    },
  }
}
