/**
 * Merges two answers about one topic: brokers learn of a new leader one after the other, and a
 * partitioned broker never does.
 */
import type { PartitionMetadata, TopicMetadata } from './connections.ts'

/**
 * The later answer, except for partitions of which the earlier one has a newer leader epoch, or
 * that only the earlier one has.
 */
export function newerOf(earlier: TopicMetadata | undefined, later: TopicMetadata): TopicMetadata {
  if (earlier === undefined || earlier.topicId !== later.topicId) return later
  const partitions = new Map(later.partitions.map((one) => [one.partition, one]))
  for (const one of earlier.partitions) {
    const other = partitions.get(one.partition)
    if (other === undefined || isNewer(one, other)) partitions.set(one.partition, one)
  }
  return { ...later, partitions: [...partitions.values()].sort((a, b) => a.partition - b.partition) }
}

function isNewer({ leaderEpoch: a = -1 }: PartitionMetadata, { leaderEpoch: b = -1 }: PartitionMetadata): boolean {
  return a > b
}
