import { FatalError, type Where } from './errors.ts'
import { longestDelay, timerDelay } from './optionRules.ts'

/**
 * Returns a delay that a function of the user has computed, ms. Timers take anything else for 0, so
 * a job would restart, or call, without a pause.
 *
 * @param cause the failure after which the delay was asked for
 * @throws BAD_DELAY
 */
export function checkedDelay(delay: unknown, what: string, where: Where, cause: unknown): number {
  if (typeof delay === 'number' && timerDelay.is(delay)) return delay
  const found = typeof delay === 'number' ? `${delay}` : `of type ${typeof delay}`
  throw new FatalError('BAD_DELAY', `the delay that ${what} returned is ${found}`, {
    where,
    hint: `Return a number of ms from 0 to ${longestDelay}. The error before it is the cause of this one`,
    cause,
  })
}
