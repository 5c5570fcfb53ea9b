/** Default number of keys looked at: a few ms at most. */
const looksAtOnce = 4_096

/**
 * Evicts the oldest keys if too many are in memory; unclean ones stay. Looks at a few each time and
 * continues there: a million keys at once would take too long.
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
