/** Sweeps of a table (table.ts), one after another, with the position in the current one. */
import type { SnapshotTable } from './table.ts'

/** @param begin starts a sweep; one step per entry looked at */
export function sweeps(begin: () => Iterator<void>): Pick<SnapshotTable, 'writeClean' | 'restartSweep'> {
  let sweep: Iterator<void> | null = null
  return {
    writeClean() {
      sweep ??= begin()
      const { done } = sweep.next()
      if (done) sweep = null
      return !done
    },
    restartSweep() {
      sweep = null
    },
  }
}
