/** End offsets of the partitions of a topic. */
import { setTimeout as pause } from 'node:timers/promises'
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
  const until = Date.now() + patience
  const asked = async (): Promise<readonly number[]> => {
    const [found] = (await connections.metadata([topic])).topics
    if (found?.errorCode !== 0) throw new Error(`there is no topic ${topic}: error ${found?.errorCode}`)
    const answers = found.partitions.map(async ({ partition, leader }) => {
      const partitions = [{ topic, partition, timestamp: latest }]
      const [end] = await connections.call(leader, listOffsets, { isolation, partitions })
      return end
    })
    const ends = await Promise.all(answers)
    const bad = ends.find((end) => end?.errorCode !== 0)
    if (bad === undefined) return ends.map((end) => end?.offset ?? 0)
    if (bad.errorCode !== notLeader || Date.now() > until)
      throw new Error(`ListOffsets for ${topic} ${bad.partition}: error ${bad.errorCode}`)
    await pause(50)
    return asked()
  }
  try {
    return await asked()
  } finally {
    await connections.close()
  }
}

/** NOT_LEADER_OR_FOLLOWER: a topic that was just created is known before its leader is one. */
const notLeader = 6

/** ms */
const patience = 5_000
