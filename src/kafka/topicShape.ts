/** How many partitions a sink's topic has, and how large a batch it takes: asked before the first record is written to it. */
import kafkajs from 'kafkajs'
import type { KafkaCluster } from './cluster.ts'
import type { Leaders } from './leaders.ts'
import type { TopicShape } from './session.ts'
import { withAdmin } from './withAdmin.ts'

export async function topicShape(cluster: KafkaCluster, leaders: Leaders, topic: string): Promise<TopicShape> {
  const { partitions } = await leaders.topic(topic)
  return { partitions: partitions.length, maxMessageBytes: await maximum(cluster, topic) }
}

/** Asking for it needs a right of its own (DescribeConfigs); without it no limit is assumed, and the broker has the last word. */
async function maximum(cluster: KafkaCluster, topic: string): Promise<number> {
  const wanted = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }
  try {
    const { resources } = await withAdmin(cluster, (admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [wanted] }),
    )
    return Number(resources[0]?.configEntries[0]?.configValue ?? Infinity)
  } catch {
    return Infinity
  }
}
