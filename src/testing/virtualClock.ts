/** A clock that stands still until the test moves it: timeouts, retries and pauses happen at once, and always in the same order. */

import type { Clock } from '../attempt.ts'
import { sleep } from '../clock.ts'

export interface VirtualClock extends Clock {
  /** Moves time on by so many ms and runs what is due, in order of time. Does not wait for promises. */
  advance(ms: number): void
  /** As `advance`, but lets every promise settle before, in between and afterwards: for code that awaits and then waits again. */
  advanceAsync(ms: number): Promise<void>
  /** The event loop is blocked for so many ms: what is due meanwhile runs late, at `advance`. */
  block(ms: number): void
  /** Somebody sets the clock: `now()` is so many ms later, or earlier, and no time has passed. */
  step(ms: number): void
  /** Resolves after so many virtual ms. */
  sleep(ms: number): Promise<void>
  /** How many timers have not run. */
  readonly timers: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** @param start what `now()` answers first, in ms since the epoch */
export function virtualClock(start = 0): VirtualClock {
  const timers = new Set<Timer>()
  /** Time passed, which timers go by. It does not start at 0, so that a time of day is not mistaken for it. */
  let now = bootTime
  /** What the time of day is ahead of that. */
  let ahead = start - bootTime

  /** The earliest; of two at the same time the one that was set first, since a Set keeps that order. */
  const due = (until: number): Timer | undefined => {
    let earliest: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= until && (earliest === undefined || timer.at < earliest.at)) earliest = timer
    }
    return earliest
  }
  const run = (timer: Timer): void => {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.callback()
  }

  const clock: VirtualClock = {
    now: () => now + ahead,
    monotonic: () => now,
    setTimeout(callback, delay) {
      const timer = { at: now + Math.max(0, delay), callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer) => void timers.delete(timer as Timer),
    advance(ms) {
      const until = now + ms
      for (let timer = due(until); timer; timer = due(until)) run(timer)
      now = until
    },
    async advanceAsync(ms) {
      const until = now + ms
      await settle()
      for (let timer = due(until); timer; timer = due(until)) {
        run(timer)
        await settle()
      }
      now = until
    },
    block(ms) {
      now += ms
    },
    step(ms) {
      ahead += ms
    },
    sleep: (ms) => sleep(clock, ms),
    get timers() {
      return timers.size
    },
  }
  return clock
}

/** What `monotonic()` answers first, ms. */
const bootTime = 12_345

/** Resolves once every promise callback that can run has run: Node empties that queue before it comes to an immediate. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
