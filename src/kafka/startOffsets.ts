/** Where a job without a checkpoint starts reading, and whether one with a checkpoint can still go on where it was. */
import type { Split, SplitOffset } from '../element.ts'
import { FatalError } from '../errors.ts'
import { earliest, type Isolation, latest } from './protocol/listOffsets.ts'

/** Where a job starts that has no checkpoint yet. */
export type StartFrom =
  | 'earliest'
  | 'latest'
  /** The first record at or after this time, ms since the epoch. */
  | { readonly timestamp: number }
  /** Exactly here; partitions that are not named start at their beginning. */
  | readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]

/** Offsets of many splits for one timestamp or special value (splitOffsets.ts). */
export type AskOffsets = (
  splits: readonly Split[],
  timestamp: number,
  isolation?: Isolation,
) => Promise<readonly number[]>

export async function startOffsets(
  splits: readonly Split[],
  startFrom: StartFrom,
  ask: AskOffsets,
): Promise<readonly number[]> {
  if (startFrom === 'earliest') return ask(splits, earliest)
  // What is in a transaction that is still open comes after the start: that is when it is committed.
  if (startFrom === 'latest') return ask(splits, latest, 'read_committed')
  if ('timestamp' in startFrom) {
    // The ends first: asked for afterwards, they could be behind a record that came in between.
    const ends = await ask(splits, latest)
    const found = await ask(splits, startFrom.timestamp)
    // No record that late: start with the next one.
    return found.map((offset, at) => (offset >= 0 ? offset : (ends[at] as number)))
  }
  return givenOffsets(splits, startFrom, ask)
}

/** Checked here and now: once they are in the ledger, correcting startFrom would not help any more. */
async function givenOffsets(
  splits: readonly Split[],
  startFrom: readonly SplitOffset[],
  ask: AskOffsets,
): Promise<readonly number[]> {
  const unknown = startFrom.find((given) => !splits.some((split) => sameSplit(split, given)))
  if (unknown !== undefined) {
    throw new FatalError('START_OFFSET_UNKNOWN', 'startFrom names a partition that the topic does not have', {
      where: { topic: unknown.topic, partition: unknown.partition },
      hint: 'Correct startFrom',
    })
  }
  const starts = await ask(splits, earliest)
  await checkOffsets(startFrom, ask, 'Correct startFrom')
  return splits.map((split, at) => startFrom.find((given) => sameSplit(split, given))?.offset ?? (starts[at] as number))
}

/** Throws Fatal OFFSET_OUT_OF_RANGE where a split's offset is gone or not there yet: nothing is ever reset to some other offset. */
export async function checkOffsets(splits: readonly SplitOffset[], ask: AskOffsets, hint?: string): Promise<void> {
  const [starts, ends] = await Promise.all([ask(splits, earliest), ask(splits, latest)])
  for (const [at, { topic, partition, offset }] of splits.entries()) {
    const [start, end] = [starts[at] as number, ends[at] as number]
    if (start <= offset && offset <= end) continue
    throw new FatalError(
      'OFFSET_OUT_OF_RANGE',
      `the next record to read is not there: the partition holds ${start} to ${end}`,
      {
        where: { topic, partition, offset },
        hint: hint ?? (offset < start ? tooLate : tooEarly),
      },
    )
  }
}

const tooLate =
  'Retention has removed records that were never processed; raise it. To go on without them, start over under another job name'
const tooEarly = 'The broker has lost records that it had acknowledged, or this is another cluster'

export function sameSplit(a: Split, b: Split): boolean {
  return a.topic === b.topic && a.partition === b.partition
}
