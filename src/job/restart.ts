import { numberFrom, required, rule, timerDelay, wholeNumber } from '../optionRules.ts'
import { checkOptions } from '../options.ts'

/**
 * Answers each failure with the delay before the next attempt, ms, or with null to give up.
 *
 * `now` and `startedAt` (start of the failed attempt) are ms of a clock that never goes back; only
 * their difference has a meaning.
 */
export type RestartPolicy = (failure: { readonly now: number; readonly startedAt: number }) => number | null

/** Makes a policy with its own memory for each execution; `random` returns a number in [0, 1). */
export type RestartStrategy = (random: () => number) => RestartPolicy

/** Ends the job at the first failure. */
export function noRestart(): RestartStrategy {
  return () => () => null
}

/**
 * Restarts at most `attempts` times, `delay` ms after each failure.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function fixedDelay(options: {
  /** Number of restarts. */
  attempts: number
  /** Time between failure and restart, ms. */
  delay: number
}): RestartStrategy {
  checkOptions('fixedDelay', options, { attempts: required(count), delay: required(timerDelay) })
  return () => {
    let left = options.attempts
    return () => (left-- > 0 ? options.delay : null)
  }
}

/** Options of `exponentialDelay`. */
export interface ExponentialDelay {
  /** First delay, ms. Default 100. */
  readonly initial?: number
  /**
   * Longest delay, ms. Default 2,000: a job resumes about two seconds after an outage, however
   * long.
   */
  readonly max?: number
  /** Factor by which the delay grows with each failure in a row. Default 2. */
  readonly multiplier?: number
  /** Random fraction of the delay, 0 to 1, so that many jobs do not return at once. Default 0.2. */
  readonly jitter?: number
  /**
   * Running time after which an attempt counts as a success and the delay starts anew, ms. Default
   * 60,000.
   */
  readonly resetAfter?: number
  /** Restarts in a row before giving up. Default: unlimited. */
  readonly attempts?: number
}

const count = rule('a whole number from 0, or Infinity', (value) => value === Infinity || wholeNumber(0).is(value))

const rulesOfExponential = {
  initial: timerDelay,
  max: timerDelay,
  multiplier: numberFrom(1, Number.MAX_VALUE),
  jitter: numberFrom(0, 1),
  resetAfter: numberFrom(0),
  attempts: count,
}

/**
 * Restarts after delays that grow from `initial` to `max`. The default strategy.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function exponentialDelay(options: ExponentialDelay = {}): RestartStrategy {
  checkOptions('exponentialDelay', options, rulesOfExponential)
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

/**
 * Restarts `delay` ms after a failure; gives up after more than `failures` within `interval` ms.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function failureRate(options: {
  /** Number of failures that is tolerated within `interval`. */
  failures: number
  /** Time over which failures are counted, ms. */
  interval: number
  /** Time between failure and restart, ms. */
  delay: number
}): RestartStrategy {
  checkOptions('failureRate', options, {
    failures: required(count),
    interval: required(rule('a number of ms above 0', (value) => typeof value === 'number' && value > 0)),
    delay: required(timerDelay),
  })
  return () => {
    let recent: number[] = []
    return ({ now }) => {
      recent = [...recent.filter((at) => now - at < options.interval), now]
      return recent.length > options.failures ? null : options.delay
    }
  }
}
