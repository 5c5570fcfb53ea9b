/** End offsets of the partitions of a topic. */
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { type Isolation, latest, listOffsets } from '../../src/kafka/protocol/listOffsets.ts'

/**
 * The end offset of each partition; under read_committed, at most the offset of the first open
 * transaction.
 */
export async function topicEnds(
  brokers: readonly string[],
  topic: string,
  isolation: Isolation,
): Promise<readonly number[]> {
  const connections = await kafkaCluster({ brokers }).connect('ends')
  try {
    const [found] = (await connections.metadata([topic])).topics
    if (found?.errorCode !== 0) throw new Error(`there is no topic ${topic}: error ${found?.errorCode}`)
    const ends = found.partitions.map(async ({ partition, leader }) => {
      const partitions = [{ topic, partition, timestamp: latest }]
      const [end] = await connections.call(leader, listOffsets, { isolation, partitions })
      if (end?.errorCode !== 0) throw new Error(`ListOffsets for ${topic} ${partition}: error ${end?.errorCode}`)
      return end.offset
    })
    return await Promise.all(ends)
  } finally {
    await connections.close()
  }
}
