/**
 * Runs something again and again, as a restart strategy allows: the attempts of an execution, or
 * the threads of a shard.
 */
import type { Clock } from '../attempt.ts'
import { sleep } from '../clock.ts'
import type { RxweftError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import type { JobEvent } from './events.ts'
import type { JobResult } from './jobHandle.ts'
import type { RestartPolicy } from './restart.ts'

export interface Restarting {
  readonly clock: Clock
  /** Aborted to end it after a final checkpoint; aborted to end it at once. */
  readonly stopping: AbortSignal
  readonly cancelling: AbortSignal
  /** Last checkpoint known to be committed. */
  readonly last: () => CheckpointId
  readonly tell: (event: JobEvent) => void
  /** Delay before a restart after this error, ms; null: no restart. */
  readonly delayAfter: (error: RxweftError, failure: Parameters<RestartPolicy>[0]) => number | null
}

/** Failure of one run. */
export interface Failure {
  readonly error: RxweftError
}

/** Number of further tries after a stop that failed. */
const triesToStop = 3

/**
 * @param once one run, from start to end. Rejects with an error to be restarted, or, if it must not
 *   be restarted, with the final one
 */
export async function restarting(
  { clock, stopping, cancelling, last, tell, delayAfter }: Restarting,
  once: () => Promise<JobResult | Failure>,
): Promise<JobResult> {
  for (let left = triesToStop; ; ) {
    if (cancelling.aborted) return { outcome: 'cancelled', checkpoint: last() }
    const startedAt = clock.monotonic()
    const end = await once()
    if (!('error' in end)) return end
    const { error } = end
    const delay = delayAfter(error, { now: clock.monotonic(), startedAt })
    if (cancelling.aborted) return { outcome: 'cancelled', checkpoint: last() }
    if (delay === null || (stopping.aborted && --left < 0)) throw error
    tell({ type: 'restarting', error, delay })
    // A stop need not wait for the delay: the next run only takes the final checkpoint.
    await sleep(clock, delay, cancelling, ...(stopping.aborted ? [] : [stopping]))
  }
}
