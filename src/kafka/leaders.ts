/** Which node leads which partition, and how many partitions a topic has: the cluster's metadata as one attempt sees it. */
import type { Connections, TopicMetadata } from './connections.ts'
import { brokerError } from './brokerErrors.ts'
import { RetriableError } from '../errors.ts'

export interface Leaders {
  /** The topic as it was last seen; asks the cluster where it has not been seen yet. Rejects where it does not exist. */
  topic(name: string): Promise<TopicMetadata>
  /** The leader's node id. Rejects with Retriable where there is none at the moment. */
  leader(topic: string, partition: number): Promise<number>
  /** Asks the cluster again about everything that was asked for so far: after a refusal. */
  refresh(): Promise<void>
}

export function leaders(connections: Connections): Leaders {
  const seen = new Map<string, TopicMetadata>()

  async function ask(names: readonly string[]): Promise<void> {
    const { topics } = await connections.metadata(names)
    for (const topic of topics) {
      if (topic.errorCode === 0) seen.set(topic.name, topic)
      else if (!seen.has(topic.name)) throw brokerError(topic.errorCode, 'Metadata', { topic: topic.name })
    }
  }

  async function topic(name: string): Promise<TopicMetadata> {
    if (!seen.has(name)) await ask([name])
    return seen.get(name) as TopicMetadata
  }

  return {
    topic,
    async leader(name, partition) {
      const found = (await topic(name)).partitions[partition]
      if (found !== undefined && found.leader >= 0) return found.leader
      throw new RetriableError('NO_LEADER', 'the partition has no leader at the moment', {
        where: { topic: name, partition },
      })
    },
    refresh: () => ask([...seen.keys()]),
  }
}
