import type { Clock } from '../attempt.ts'
import { toError } from '../errors.ts'

/** Something that is tried again and again, and fails. */
export interface Outage {
  /** @param since start of the failed try, ms */
  failed(thrown: unknown, since?: number): void
  /** It works. */
  ended(): void
}

/** Failures for so long are told, ms; what passes sooner is nobody's business. */
export const patience = 5_000

/** Tells once of an outage that lasts, with its last reason, and with null of its end. */
export function outage(clock: Clock, tell: (reason: Error | null) => void): Outage {
  let since: number | null = null
  let isTold = false
  return {
    failed(thrown, begun = clock.monotonic()) {
      since ??= begun
      if (isTold || clock.monotonic() - since < patience) return
      isTold = true
      tell(toError(thrown))
    },
    ended() {
      if (isTold) tell(null)
      since = null
      isTold = false
    },
  }
}
