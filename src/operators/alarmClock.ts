/** Rings at the earliest of the times that it is set to. */
import type { Clock } from '../element.ts'

export interface AlarmClock {
  /** ms since the epoch; Infinity: nothing. */
  set(time: number): void
  /** Rings no more. */
  stop(): void
}

/** What Node's timers can wait at most, ms. */
const longest = 2 ** 31 - 1

/** @param ring what is due up to now; when there is more, it sets the clock again */
export function alarmClock(clock: Clock, ring: (now: number) => void): AlarmClock {
  let earliest = Infinity
  let timer: unknown
  let stopped = false

  const wake = (): void => {
    const now = clock.now()
    const due = earliest <= now
    const next = earliest
    earliest = Infinity
    if (due) ring(now)
    else set(next)
  }

  function set(time: number): void {
    if (stopped || time >= earliest) return
    clock.clearTimeout(timer)
    earliest = time
    timer = clock.setTimeout(wake, Math.min(longest, Math.max(0, time - clock.now())))
  }

  return {
    set,
    stop() {
      stopped = true
      clock.clearTimeout(timer)
    },
  }
}
