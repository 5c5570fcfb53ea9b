import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'

/**
 * Looks for new partitions of the topics of a source, until the attempt ends or the reader is
 * closed. An outage is no reason to end the attempt: the next look finds what this one has missed.
 *
 * @param interval between two looks, ms
 * @param readNew reads the partitions that were not there before
 */
export async function watchForPartitions(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  leaders: Leaders,
  interval: number,
  isClosed: () => boolean,
  readNew: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await sleep(clock, interval, signal)
    if (signal.aborted || isClosed()) return
    await leaders.refresh().catch((error) => (isPassing(error) ? undefined : Promise.reject(error)))
    await readNew()
  }
}
