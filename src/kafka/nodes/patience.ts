/** Retry schedule for requests that a broker has definitely refused. */

import type { Clock } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { RxweftError } from '../../errors.ts'

export interface Patience {
  /** Waits before the next try; rejects with `refusal` once the tries have lasted too long. */
  after(refusal: RxweftError): Promise<void>
  /** Starts anew after a success: the next refusal is a first one again. */
  reset(): void
}

/** Delays start at 5 ms and double, up to `longest` ms each; gives up after `limit` ms in total. */
export function patience(clock: Clock, signal: AbortSignal, { longest = 250, limit = 30_000 } = {}): Patience {
  let giveUpAt: number | null = null
  let delay = 5
  return {
    async after(refusal) {
      giveUpAt ??= clock.monotonic() + limit
      if (signal.aborted || clock.monotonic() >= giveUpAt) throw refusal
      await sleep(clock, delay, signal)
      delay = Math.min(longest, delay * 2)
    },
    reset() {
      giveUpAt = null
      delay = 5
    },
  }
}
