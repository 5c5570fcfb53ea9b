import { setMaxListeners } from 'node:events'
import type { Clock } from './attempt.ts'

/**
 * Time of this machine. Everything that waits takes a clock, so that tests can use a virtual one.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** Clock as users may give it; `monotonic` may be missing. */
export type GivenClock = Omit<Clock, 'monotonic'> & {
  /** Time since a fixed moment, ms. Default: derived from `now`, see `steadyClock`. */
  monotonic?(): number
}

/**
 * Adds a monotonic reading to a clock that has none: the sum of the steps of `now`, without those
 * back. A clock set back by an hour then costs nothing, and one set forward still makes deadlines
 * pass.
 */
export function steadyClock(clock: GivenClock): Clock {
  if (clock.monotonic !== undefined) return clock as Clock
  let before = clock.now()
  let passed = 0
  return {
    now: () => clock.now(),
    monotonic() {
      const now = clock.now()
      passed += Math.max(0, now - before)
      before = now
      return passed
    },
    setTimeout: (callback, delay) => clock.setTimeout(callback, delay),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  }
}

/**
 * Lets all other work have a turn, timers and sockets included; for loops that might not end
 * otherwise.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Calls `expire` after `delay` ms; returns a function that cancels it.
 *
 * Time in which the event loop was blocked does not count: a late timer is set again for as long as
 * it was late. Timers run before sockets, so answers that have already arrived are processed first.
 */
export function deadline(clock: Omit<Clock, 'now'>, delay: number, expire: () => void): () => void {
  let over = false
  let timer: unknown
  const wait = (rest: number): void => {
    const due = clock.monotonic() + rest
    timer = clock.setTimeout(() => {
      const late = clock.monotonic() - due
      if (late > punctual) wait(Math.min(late, delay))
      else if (clock === systemClock) setImmediate(() => over || expire())
      else expire()
    }, rest)
  }
  wait(delay)
  return () => {
    over = true
    clock.clearTimeout(timer)
  }
}

/** Usual lateness of a timer, ms. */
const punctual = 100

/** Resolves after `delay` ms on the clock. */
export function sleep(clock: Clock, delay: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clock.clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = clock.setTimeout(wake, delay)
    for (const signal of signals) onAbort(signal, wake)
  })
}

/** Calls `act` once when the signal is aborted, or now if it is. Not after `until` is aborted. */
export function onAbort(signal: AbortSignal, act: () => void, until?: AbortSignal): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true, ...(until === undefined ? {} : { signal: until }) })
}

/**
 * Controller with any number of listeners: Node warns of a leak from eleven on, and a job may have
 * more parts.
 */
export function abortController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
