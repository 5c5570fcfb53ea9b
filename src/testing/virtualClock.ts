import type { Clock } from '../attempt.ts'
import { sleep } from '../clock.ts'

/**
 * Clock that stands still until the test moves it; timers run at once, always in the same order.
 */
export interface VirtualClock extends Clock {
  /** Advances time by `ms` and runs due timers, in order of time. Does not wait for promises. */
  advance(ms: number): void
  /**
   * Advances time by `ms`, and lets promises settle before, between and after timers: for code that
   * awaits and then waits again.
   */
  advanceAsync(ms: number): Promise<void>
  /** Blocks the event loop for `ms`: timers due meanwhile run late, at the next `advance`. */
  block(ms: number): void
  /** Sets the time of day: `now()` changes by `ms`, which may be negative, while no time passes. */
  step(ms: number): void
  /** Resolves after `ms` of virtual time. */
  sleep(ms: number): Promise<void>
  /** Number of timers that have not run. */
  readonly timers: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * Makes a clock that stands still until the test moves it.
 *
 * @param start first answer of `now()`, ms since the epoch; default 0
 */
export function virtualClock(start = 0): VirtualClock {
  const timers = new Set<Timer>()
  /**
   * Time passed, which timers go by. It does not start at 0, so that a time of day is not mistaken
   * for it.
   */
  let now = bootTime
  /** What the time of day is ahead of that. */
  let ahead = start - bootTime

  /**
   * Earliest due timer; of two at the same time the one set first, since a Set keeps that order.
   */
  const due = (until: number): Timer | undefined => {
    let earliest: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= until && (earliest === undefined || timer.at < earliest.at)) earliest = timer
    }
    return earliest
  }
  const run = (timer: Timer): void => {
    timers.delete(timer)
    /**
     * Elapsed time, by which timers go. It does not start at 0, so that it is not mistaken for a
     * time of day.
     */
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

/** First answer of `monotonic()`, ms. */
const bootTime = 12_345

/**
 * Resolves once every promise callback that can run has run; Node empties that queue before it runs
 * an immediate.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
