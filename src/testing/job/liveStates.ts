/** Keyed state of an attempt under test: filled from its checkpoint, and open to the test. */
import type { Key, OperatorId } from '../../record.ts'
import type { MapTable } from '../../state/mapTable.ts'
import type { StateTables } from '../../state/store.ts'
import type { TableSpec } from '../../state/table.ts'
import type { ValueTable } from '../../state/valueTable.ts'
import { type TestSnapshot, testStates } from '../testStates.ts'

interface LiveValues {
  readonly kind: 'value'
  readonly table: ValueTable<Key, unknown>
}

interface LiveMaps {
  readonly kind: 'map'
  readonly table: MapTable<Key, Key, unknown>
}

export type LiveTable = (LiveValues | LiveMaps) & {
  readonly operator: OperatorId
  readonly name: string
  readonly spec: TableSpec<unknown>
}

export interface LiveStates {
  readonly backend: StateTables
  /** In the order in which they were opened. */
  readonly tables: readonly LiveTable[]
  /**
   * Called after the Restore: throws Fatal STATE_UNCLAIMED if the checkpoint has state of an
   * operator that the job lacks.
   */
  checkClaims(): void
}

export function liveStates(from: TestSnapshot | undefined, allowDropped: readonly OperatorId[] | boolean): LiveStates {
  const inner = testStates(from, allowDropped)
  const tables: LiveTable[] = []

  const backend: StateTables = {
    ...inner,
    get operators() {
      return inner.operators
    },
    open(operator, keySlots) {
      const store = inner.open(operator, keySlots)
      return {
        ...store,
        values<K extends Key, V>(name: string, spec: TableSpec<V>) {
          const table = store.values<K, V>(name, spec)
          tables.push({ kind: 'value', operator, name, spec, table } as unknown as LiveTable)
          return table
        },
        maps<K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>) {
          const table = store.maps<K, S, V>(name, spec)
          tables.push({ kind: 'map', operator, name, spec, table } as unknown as LiveTable)
          return table
        },
      }
    },
  }

  const isOpen = (operator: OperatorId, full: string): boolean =>
    tables.some((table) => table.operator === operator && full.replace(/^timed /, '') === `${table.kind}:${table.name}`)

  return {
    backend,
    tables,
    checkClaims() {
      for (const [operator, blocks] of from?.entries ?? []) {
        if (blocks.length === 0 || !inner.claims(operator)) continue
        // Nobody has this table: the store itself says what that means.
        for (const block of blocks) if (!isOpen(operator, block.table)) inner.load(operator, block)
      }
    },
  }
}
