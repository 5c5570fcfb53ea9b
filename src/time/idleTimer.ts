/**
 * Looks for silent splits as soon as one can have become silent. It counts reading time, which
 * stands still while the source waits for the sinks: a split that is not read is not silent.
 *
 *     reading   ------|waits|------          a record at 0, limit 10: silent after 10 frames of
 *     record    0               look         reading, in frame 16
 *
 * Nor is a split silent whose records wait to be read while the event loop is blocked, so the timer
 * is a deadline. A record does not touch the timer; a timer that fires too early is set again.
 */
import type { Clock } from '../attempt.ts'
import { deadline } from '../clock.ts'

export interface IdleTimer {
  /** Reading time, ms. */
  now(): number
  /** There is a split to watch from now on: looks after `limit` ms, if not before. */
  watch(): void
  pause(): void
  resume(): void
  /** For ever. */
  stop(): void
}

/**
 * @param look finds silent splits at this time; returns when to look next, in reading time, or
 *   Infinity: after the next `watch`
 */
export function idleTimer(clock: Clock, limit: number, look: (now: number) => number): IdleTimer {
  /** Cancels it; undefined: none is set. */
  let timer: (() => void) | undefined
  /** How long it has been paused in all. */
  let waited = 0
  let pausedAt: number | undefined
  let stopped = false

  const now = (): number => (pausedAt ?? clock.monotonic()) - waited

  function set(at: number): void {
    if (!stopped && timer === undefined && at < Infinity) timer = deadline(clock, at - now(), fire)
  }

  function fire(): void {
    timer = undefined
    // While it is paused nothing gets older; `resume` looks.
    if (pausedAt === undefined) set(look(now()))
  }

  return {
    now,
    watch: () => set(now() + limit),
    pause() {
      pausedAt = clock.monotonic()
    },
    resume() {
      if (pausedAt === undefined) return
      waited += clock.monotonic() - pausedAt
      pausedAt = undefined
      if (timer === undefined && !stopped) fire()
    },
    stop() {
      stopped = true
      timer?.()
    },
  }
}
