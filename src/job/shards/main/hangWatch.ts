/**
 * Gives up a thread that is to end and hangs: a function of the job that never returns takes no
 * final checkpoint, and hears no order.
 */
import type { Clock } from '../../../attempt.ts'
import { sleep } from '../../../clock.ts'
import { RetriableError, type RxweftError } from '../../../errors.ts'
import { longestSilence } from '../../health.ts'

/** Interval of looking, ms. */
const interval = 1_000

/** Looks in a row: a process that was frozen finds all its threads silent, for a moment. */
const looks = 3

/**
 * Calls `hangs` once the thread has been silent for 30 s.
 *
 * @param silence time since the last sign of life of the thread, ms
 */
export async function hangWatch(
  clock: Clock,
  silence: () => number,
  hangs: (duration: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let seen = 0; seen < looks; seen = silence() > longestSilence ? seen + 1 : 0) {
    await sleep(clock, interval, signal)
    if (signal.aborted) return
  }
  hangs(silence())
}

export function shardHangs(shard: number, silence: number): RxweftError {
  const seconds = Math.round(silence / 1_000)
  return new RetriableError(
    'SHARD_HANGS',
    `the thread of the shard has shown no sign of life for ${seconds} s, so no final checkpoint could be taken`,
    {
      where: { shard },
      hint: 'A function of the job does not return. The next start goes on from the last checkpoint, and may hang at the same record',
    },
  )
}
