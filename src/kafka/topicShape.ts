/** How many partitions a sink's topic has, and how large a batch it takes: asked before the first record is written to it. */
import { ConfigResourceTypes } from 'kafkajs'
import type { KafkaCluster } from './cluster.ts'
import type { Leaders } from './leaders.ts'
import type { TopicShape } from './session.ts'

/** What brokers take unless configured otherwise (max.message.bytes). */
const defaultMaximum = 1_048_588

export async function topicShape(cluster: KafkaCluster, leaders: Leaders, topic: string): Promise<TopicShape> {
  const { partitions } = await leaders.topic(topic)
  return { partitions: partitions.length, maxMessageBytes: await maximum(cluster, topic) }
}
