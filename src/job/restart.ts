/** Restart strategies: after a Retriable failure, how long to wait for the next attempt, or whether to give up. Pure. */

import { checkOptionNames } from '../options.ts'

/**
 * Asked after each failure; answers a delay in ms, or null: give up. `now` and `startedAt` (of the failed attempt) are
 * in ms of a clock that only rises: only their difference means anything.
 */
export type RestartPolicy = (failure: { readonly now: number; readonly startedAt: number }) => number | null

/** A strategy makes a policy with its own memory per execution. `random` yields [0, 1). */
export type RestartStrategy = (random: () => number) => RestartPolicy

/** The first failure ends the job. */
export function noRestart(): RestartStrategy {
  return () => () => null
}

/** At most `attempts` restarts, `delay` ms apart. */
export function fixedDelay(options: { attempts: number; delay: number }): RestartStrategy {
  checkOptionNames('fixedDelay', options, { attempts: true, delay: true }, 'BAD_SETTINGS')
  return () => {
    let left = options.attempts
    return () => (left-- > 0 ? options.delay : null)
  }
}

export interface ExponentialDelay {
  /** First delay, ms; default 100. */
  readonly initial?: number
  /**
   * Longest delay, ms; default 2,000: however long something was down, the job goes on about two seconds after it is back.
   */
  readonly max?: number
  /** Default 2. */
  readonly multiplier?: number
  /** Share of the delay that is random, so that many jobs do not come back at once; default 0.2. */
  readonly jitter?: number
  /** An attempt that ran this long was a success: the delay starts anew; ms, default 60,000. */
  readonly resetAfter?: number
  /** Restarts in a row before giving up; default unlimited. */
  readonly attempts?: number
}

const optionsOfExponential = {
  ...{ initial: true, max: true, multiplier: true, jitter: true, resetAfter: true, attempts: true },
}

/** Delays that grow from `initial` to `max`; the default strategy. */
export function exponentialDelay(options: ExponentialDelay = {}): RestartStrategy {
  checkOptionNames('exponentialDelay', options, optionsOfExponential, 'BAD_SETTINGS')
  const { initial = 100, max = 2_000, multiplier = 2, jitter = 0.2, resetAfter = 60_000, attempts = Infinity } = options
  return (random) => {
    let restarts = 0
    return ({ now, startedAt }) => {
      if (now - startedAt >= resetAfter) restarts = 0
      if (restarts >= attempts) return null
      const delay = Math.min(max, initial * multiplier ** restarts++)
      return Math.round(delay * (1 - jitter * random()))
    }
  }
}

/** Gives up at more than `failures` within `interval` ms; otherwise restarts after `delay` ms. */
export function failureRate(options: { failures: number; interval: number; delay: number }): RestartStrategy {
  checkOptionNames('failureRate', options, { failures: true, interval: true, delay: true }, 'BAD_SETTINGS')
  return () => {
    let recent: number[] = []
    return ({ now }) => {
      recent = [...recent.filter((at) => now - at < options.interval), now]
      return recent.length > options.failures ? null : options.delay
    }
  }
}
