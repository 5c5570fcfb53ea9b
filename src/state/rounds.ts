/** The rounds of a table (table.ts), one after the other: where the one under way has come to. */
import type { SnapshotTable } from './table.ts'

/** @param begin one step for each entry that is written or dropped */
export function rounds(begin: () => Iterator<void>): Pick<SnapshotTable, 'writeClean' | 'restartRound'> {
  let round: Iterator<void> | null = null
  return {
    writeClean() {
      round ??= begin()
      const { done } = round.next()
      if (done) round = null
      return !done
    },
    restartRound() {
      round = null
    },
  }
}

/** Lets go of keys until there are so few in memory; those that are dirty stay. */
export function evict<K>(memory: Map<K, unknown>, cached: number, isDirty: (key: K) => boolean): void {
  if (memory.size <= cached) return
  for (const key of memory.keys()) {
    if (!isDirty(key)) memory.delete(key)
    if (memory.size <= cached * 0.9) return
  }
}
