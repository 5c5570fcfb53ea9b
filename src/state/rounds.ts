/** Rounds of a table (table.ts), one after another, with the progress of the current one. */
import type { SnapshotTable } from './table.ts'

/** @param begin starts an iteration with one step for each entry */
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

/** Number of keys checked at once by default: a few ms at most. */
const looksAtOnce = 4_096

/**
 * Evicts the oldest keys if there are too many in memory; unwritten ones stay. Checks a few each
 * time and continues there: a million at once would take too long.
 */
export function evictor<K, E>(
  memory: Map<K, E>,
  cached: number,
  isClean: (key: K, entry: E) => boolean,
  remove: (key: K) => void,
): (looks?: number) => void {
  let next = memory.entries()
  return (looks = looksAtOnce) => {
    for (let left = looks; left > 0 && memory.size > cached; left--) {
      const { value, done } = next.next()
      if (done) {
        next = memory.entries()
        return
      }
      const [key, entry] = value
      if (isClean(key, entry)) remove(key)
    }
  }
}
