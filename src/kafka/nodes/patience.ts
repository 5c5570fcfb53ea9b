/** How long, and how often, to try again what a broker has definitely refused. */

import type { Clock } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { RxweftError } from '../../errors.ts'

export interface Patience {
  /** Waits before the next try; rejects with `refusal` when it has lasted too long. */
  after(refusal: RxweftError): Promise<void>
  /** It went well: the next refusal is a first one again. */
  reset(): void
}

/** Delays from 5 ms, doubling, up to `longest` (ms) each; gives up after `limit` ms in all. */
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
