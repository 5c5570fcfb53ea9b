import type { StartPosition } from '../../contracts/startPosition.ts'
import { FatalError } from '../../errors.ts'
import type { Split, SplitOffset } from '../../record.ts'
import { earliest, type Isolation, latest } from '../protocol/listOffsets.ts'

/** Position at which a job without a checkpoint starts reading. */
export type StartFrom = StartPosition

/** Returns the offsets of many splits for one timestamp or special value (splitOffsets.ts). */
export type AskOffsets = (
  splits: readonly Split[],
  timestamp: number,
  isolation?: Isolation,
) => Promise<readonly number[]>

export async function startOffsets(
  splits: readonly Split[],
  startFrom: StartFrom,
  ask: AskOffsets,
  doubted?: Doubted,
): Promise<readonly number[]> {
  if (startFrom === 'earliest') return ask(splits, earliest)
  // Records of a transaction still open come after the start, since they are committed later.
  if (startFrom === 'latest') return ask(splits, latest, 'read_committed')
  if ('timestamp' in startFrom) {
    // The ends come first: read afterwards, they could lie beyond a record added in between.
    const ends = await ask(splits, latest)
    const found = await ask(splits, startFrom.timestamp)
    // No record that late: start at the end.
    return found.map((offset, at) => (offset >= 0 ? offset : (ends[at] as number)))
  }
  return givenOffsets(splits, startFrom, ask, doubted)
}

/**
 * Checks given offsets at once: after they are in the ledger, correcting startFrom has no effect.
 */
async function givenOffsets(
  splits: readonly Split[],
  startFrom: readonly SplitOffset[],
  ask: AskOffsets,
  doubted?: Doubted,
): Promise<readonly number[]> {
  const unknown = startFrom.find((given) => !splits.some((split) => sameSplit(split, given)))
  if (unknown !== undefined) {
    throw new FatalError('START_OFFSET_UNKNOWN', 'startFrom names a partition that the topic does not have', {
      where: { topic: unknown.topic, partition: unknown.partition },
      hint: 'Correct startFrom',
    })
  }
  const starts = await ask(splits, earliest)
  await checkOffsets(startFrom, ask, doubted, 'Correct startFrom')
  return splits.map((split, at) => startFrom.find((given) => sameSplit(split, given))?.offset ?? (starts[at] as number))
}

/**
 * Resolves if the question should be asked again, because the broker that answered may have been
 * replaced as leader. Rejects with the error once it is certain.
 */
export type Doubted = (error: FatalError) => Promise<void>

const certain: Doubted = (error) => Promise.reject(error)

/**
 * Rejects with Fatal OFFSET_OUT_OF_RANGE if a split's offset is gone or does not exist yet. Offsets
 * are never reset.
 *
 * @param doubted by default, the first answer is final
 */
export async function checkOffsets(
  splits: readonly SplitOffset[],
  ask: AskOffsets,
  doubted: Doubted = certain,
  hint?: string,
): Promise<void> {
  for (;;) {
    const error = outOfRange(splits, await Promise.all([ask(splits, earliest), ask(splits, latest)]), hint)
    if (error === null) return
    await doubted(error)
  }
}

function outOfRange(
  splits: readonly SplitOffset[],
  [starts, ends]: readonly [readonly number[], readonly number[]],
  hint: string | undefined,
): FatalError | null {
  for (const [at, { topic, partition, offset, leaderEpoch }] of splits.entries()) {
    const [start, end] = [starts[at] as number, ends[at] as number]
    if (start <= offset && offset <= end) continue
    const epoch = leaderEpoch === undefined ? '' : `; the last one was read in leader epoch ${leaderEpoch}`
    return new FatalError(
      'OFFSET_OUT_OF_RANGE',
      `the next record to read does not exist: the partition has offsets ${start} to ${end}${epoch}`,
      {
        where: { topic, partition, offset },
        hint: hint ?? (offset < start ? tooLate : tooEarly),
      },
    )
  }
  return null
}

const tooLate =
  'Retention has removed records before they were processed: raise the retention of the topic. To continue without them, start over under another job name'
const tooEarly =
  'The cluster has lost acknowledged records (see unclean.leader.election.enable and lost disks), or this is another cluster'

export function sameSplit(a: Split, b: Split): boolean {
  return a.topic === b.topic && a.partition === b.partition
}
