/** Topics whose records are partitioned by key: those of a source declared `keyed`. */
import { FatalError } from '../errors.ts'
import type { KeyPartitions } from '../keySlots.ts'
import type { OperatorId, Split } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import { keyPartitions } from './keyPartitions.ts'
import { partitionOfKey } from './partitioner.ts'

/** Topic with its number of partitions. */
export interface PartitionedTopic {
  readonly name: string
  readonly partitions: number
}

/** Spread of the keys over the topics of a source. Throws Fatal TOPICS_DIFFER. */
export function keySpread(
  operator: OperatorId,
  key: Serde<unknown> | undefined,
  topics: readonly PartitionedTopic[],
): KeyPartitions {
  const [count = 0, ...others] = topics.map(({ partitions }) => partitions)
  if (others.some((other) => other !== count)) throw unequalPartitions(operator, topics)
  return keyPartitions(key, count)
}

/** Throws Fatal KEY_MISPLACED unless the key belongs to the partition. Null belongs to any. */
export function checkPlace(
  operator: OperatorId,
  partitions: number,
  { topic, partition }: Split,
  offset: number,
  key: Uint8Array | null,
): void {
  if (key === null || partitionOfKey(key, partitions) === partition) return
  throw new FatalError('KEY_MISPLACED', 'a record is in another partition than its key chooses', {
    where: { operator, topic, partition, offset },
    hint: "The topic is not partitioned by key as Kafka's producers do it: remove `keyed`, and put repartition(topic) before the state",
  })
}

export function partitionsGrew(operator: OperatorId, { topic, partition }: Split): FatalError {
  return new FatalError('PARTITIONS_GREW', 'the topic of a source declared `keyed` has gained partitions', {
    where: { operator, topic, partition },
    hint: 'Keys have moved to other partitions, away from their state. Start the job under another name, or with repartition(topic) before the state',
  })
}

function unequalPartitions(operator: OperatorId, topics: readonly PartitionedTopic[]): FatalError {
  return new FatalError(
    'TOPICS_DIFFER',
    'the topics of a source declared `keyed` have different numbers of partitions',
    {
      where: { operator, topic: topics.map(({ name }) => name).join() },
      hint: 'Equal keys would be in different partitions: read each topic with a source of its own',
    },
  )
}
