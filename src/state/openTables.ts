/** Tables that operators open, as somebody sees them who looks on: a test, or a mover of slots. */
import type { Key, OperatorId } from '../record.ts'
import type { MapTable } from './mapTable.ts'
import type { StateTables } from './store.ts'
import type { TableSpec } from './table.ts'
import type { ValueTable } from './valueTable.ts'

interface OpenValues {
  readonly kind: 'value'
  readonly table: ValueTable<Key, unknown>
}

interface OpenMaps {
  readonly kind: 'map'
  readonly table: MapTable<Key, Key, unknown>
}

export type OpenTable = (OpenValues | OpenMaps) & {
  readonly operator: OperatorId
  readonly name: string
  readonly spec: TableSpec<unknown>
}

/** @param tables receives the tables in the order in which they are opened */
export function noting(inner: StateTables, tables: OpenTable[]): StateTables {
  return {
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
          tables.push({ kind: 'value', operator, name, spec, table } as unknown as OpenTable)
          return table
        },
        maps<K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>) {
          const table = store.maps<K, S, V>(name, spec)
          tables.push({ kind: 'map', operator, name, spec, table } as unknown as OpenTable)
          return table
        },
      }
    },
  }
}

/**
 * Finds a table by its name in snapshots. Undefined, if nobody has opened it; the store says what
 * that means if it is to load a block of it.
 */
export function findOpen(tables: readonly OpenTable[], operator: OperatorId, full: string): OpenTable | undefined {
  const wanted = full.replace(/^timed /, '')
  return tables.find((table) => table.operator === operator && wanted === `${table.kind}:${table.name}`)
}
