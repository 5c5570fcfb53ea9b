/** Where a job without a checkpoint starts reading, and whether one with a checkpoint can still go on where it was. */
import type { Split, SplitOffset } from '../element.ts'
import { FatalError } from '../errors.ts'
import { earliest, latest } from './protocol/listOffsets.ts'

/** Where a job starts that has no checkpoint yet. */
export type StartFrom =
  | 'earliest'
  | 'latest'
  /** The first record at or after this time, ms since the epoch. */
  | { readonly timestamp: number }
  /** Exactly here; partitions that are not named start at their beginning. */
  | readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]

/** Offsets of many splits for one timestamp or special value (splitOffsets.ts). */
export type AskOffsets = (splits: readonly Split[], timestamp: number) => Promise<readonly number[]>

export async function startOffsets(
  splits: readonly Split[],
  startFrom: StartFrom,
  ask: AskOffsets,
): Promise<readonly number[]> {
  if (startFrom === 'earliest') return ask(splits, earliest)
  if (startFrom === 'latest') return ask(splits, latest)
  if ('timestamp' in startFrom) {
    const [found, ends] = await Promise.all([ask(splits, startFrom.timestamp), ask(splits, latest)])
    // No record that late: start with the next one.
    return found.map((offset, at) => (offset >= 0 ? offset : (ends[at] as number)))
  }
  const unknown = startFrom.find((given) => !splits.some((split) => sameSplit(split, given)))
  if (unknown !== undefined) {
    throw new FatalError('START_OFFSET_UNKNOWN', 'startFrom names a partition that the topic does not have', {
      where: { topic: unknown.topic, partition: unknown.partition },
      hint: 'Correct startFrom',
    })
  }
  const starts = await ask(splits, earliest)
  return splits.map((split, at) => startFrom.find((given) => sameSplit(split, given))?.offset ?? (starts[at] as number))
}

/** Throws Fatal OFFSET_OUT_OF_RANGE where a split's offset is gone or not there yet: nothing is ever reset to some other offset. */
export async function checkOffsets(splits: readonly SplitOffset[], ask: AskOffsets): Promise<void> {
  const [starts, ends] = await Promise.all([ask(splits, earliest), ask(splits, latest)])
  for (const [at, { topic, partition, offset }] of splits.entries()) {
    const [start, end] = [starts[at] as number, ends[at] as number]
    if (start <= offset && offset <= end) continue
    throw new FatalError(
      'OFFSET_OUT_OF_RANGE',
      `the next record to read is not there: the partition holds ${start} to ${end}`,
      {
        where: { topic, partition, offset },
        hint:
          offset < start
            ? 'Retention has removed records that were never processed; raise it. To go on without them, start over under another job name'
            : 'The broker has lost records that it had acknowledged, or this is another cluster',
      },
    )
  }
}

export function sameSplit(a: Split, b: Split): boolean {
  return a.topic === b.topic && a.partition === b.partition
}
