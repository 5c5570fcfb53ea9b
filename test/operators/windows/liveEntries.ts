/** How many entries each table of an operator has in a snapshot; tables without any are left out. */
import { readEntries } from '../../../src/state/entries.ts'
import type { TestSnapshot } from '../../../src/testing/index.ts'

export function liveEntries({ entries }: TestSnapshot, operator: string): Readonly<Record<string, number>> {
  const tables = new Map<string, Set<string>>()
  for (const { table, bytes } of entries.get(operator) ?? []) {
    const live = tables.get(table) ?? new Set()
    tables.set(table, live)
    readEntries(Buffer.from(bytes), (key, sub, value) => {
      const name = `${key.toString('hex')} ${sub.toString('hex')}`
      if (value === undefined) live.delete(name)
      else live.add(name)
    })
  }
  return Object.fromEntries([...tables].flatMap(([table, live]) => (live.size > 0 ? [[table, live.size]] : [])))
}
