import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'

/**
 * Looks for new partitions of a source's topics until the attempt ends or the reader is closed. An
 * outage does not end the attempt: the next check finds what this one missed.
 *
 * @param interval time between two checks, ms
 * @param readNew reads the new partitions
 */
export async function watchForPartitions(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  leaders: Leaders,
  lookups: Pick<Connections, 'metadata'>,
  interval: number,
  isClosed: () => boolean,
  readNew: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await sleep(clock, interval, signal)
    if (signal.aborted || isClosed()) return
    await leaders.refresh(lookups).catch((error) => (isPassing(error) ? undefined : Promise.reject(error)))
    await readNew()
  }
}
