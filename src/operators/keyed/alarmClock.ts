/** Calls back at the earliest time that it is set to. */
import type { Clock } from '../../attempt.ts'

export interface AlarmClock {
  /** ms since the epoch; Infinity: nothing. */
  set(time: number): void
  /** Rings no more. */
  stop(): void
}

/**
 * Longest wait, ms. Timers measure durations and `time` is a time of day: it is checked this often
 * in case somebody has set the clock forward.
 */
const longest = 60_000

/** @param ring handles what is due now, and sets the clock again if there is more */
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
