/** Whether a reader can go on from the offset of a checkpoint. */
import type { AttemptContext } from '../../attempt.ts'
import { FatalError } from '../../errors.ts'
import type { OperatorId, SplitOffset } from '../../record.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { sameTopic } from '../reading/sameTopic.ts'

/** Rejects with Fatal PARTITION_MISSING, or if the topic is another one. */
export async function resumable(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  split: SplitOffset,
  leaders: Leaders,
): Promise<void> {
  const { topic, partition, offset } = split
  const { partitions } = await sameTopic(attempt, leaders, split)
  if (partitions.some((one) => one.partition === partition)) return
  throw new FatalError(
    'PARTITION_MISSING',
    'the checkpoint has the offset of a partition that the topic does not have',
    {
      where: { topic, partition, offset },
      hint: 'Check that this is the right cluster: partitions of a topic are never removed',
    },
  )
}

export function dropped(source: OperatorId, { topic, partition, offset }: SplitOffset): FatalError {
  return new FatalError(
    'TOPIC_DROPPED',
    `the checkpoint of "${source}" has offsets of a topic that the source no longer names`,
    {
      where: { operator: source, topic, partition, offset },
      hint: `Name the topic again. To drop its offsets on purpose: defineJob(..., { allowDropped: { sources: ['${source}'] } })`,
    },
  )
}
