/** The rounds of a table (table.ts), one after the other: where the one under way has come to. */
import type { SnapshotTable } from './table.ts'

/** @param begin one step for each entry that is looked at */
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

/** So many keys are looked at where nobody says how many: that takes a few ms at most. */
const looksAtOnce = 4_096

/**
 * Lets go of keys where there are more in memory than there should be, the ones that came first;
 * who is not clean stays. Looks at a few each time, and goes on from there the next time: all at
 * once, a million keys would take too long.
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
