import { checkedDelay } from '../checkedDelay.ts'
import type { RxweftError } from '../errors.ts'
import type { RestartPolicy } from './restart.ts'
import type { Restarting } from './restarting.ts'

/**
 * Wait of a fenced attempt before it reads the ledger, ms, so that a newer execution has signed it.
 */
const fencedDelay = 1_000

/**
 * Delay before the next attempt, or null to give up. Fenced may mean just that the transaction
 * expired; the next attempt asks the ledger before it disturbs anybody.
 */
export function restartDelay(
  policy: RestartPolicy,
  startsProving: (error: RxweftError) => boolean = () => false,
): Restarting['delayAfter'] {
  const delayOf: Restarting['delayAfter'] = (error, failure) => {
    const delay = policy(failure)
    return delay === null ? null : checkedDelay(delay, 'the restart policy', {}, error)
  }
  return (error, failure) => {
    if (startsProving(error)) return delayOf(error, failure)
    if (error.consequence === 'fatal' || error.consequence === 'corrupted' || error.code === 'OWNED_BY_ANOTHER')
      return null
    const delay = delayOf(error, failure)
    return delay !== null && error.consequence === 'fenced' ? Math.max(delay, fencedDelay) : delay
  }
}
