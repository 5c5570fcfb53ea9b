/**
 * How long the thread is blocked, in its own CPU time: on a shared machine the clock would count
 * other processes.
 */
import { readFileSync } from 'node:fs'

/** CPU time of this thread so far, ms: unlike the time on the clock it is not longer because other programs run. Elsewhere than on Linux: the clock. */
function threadTime(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}

/** Says how long the longest turn of the event loop took since then, ms. */
export function watchTurns(): () => number {
  let longest = 0
  let before = threadTime()
  let watching = true
  const look = (): void => {
    const now = threadTime()
    longest = Math.max(longest, now - before)
    before = now
    if (watching) setImmediate(look)
  }
  look()
  return () => {
    watching = false
    return longest
  }
}
