import kafkajs from 'kafkajs'
import type { KafkaCluster } from '../cluster.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { withAdmin } from '../nodes/withAdmin.ts'
import type { TopicShape } from '../sessions/session.ts'

/** Properties of a topic that a sink needs before it writes the first record. */
export async function topicShape(
  cluster: KafkaCluster,
  leaders: Leaders,
  topic: string,
  _within?: number,
): Promise<TopicShape> {
  const { partitions } = await leaders.topic(topic)
  const config = await configOf(cluster, topic)
  const maxMessageBytes = Number(config.get('max.message.bytes') ?? Infinity)
  const compression = compressionOf(config)
  return { partitions: partitions.length, maxMessageBytes, retention: retentionOf(config), compression }
}

/** Current numbers of partitions; a topic that the cluster lacks at the moment is left out. */
export async function partitionCounts(
  leaders: Leaders,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  await leaders.refresh()
  const found = await Promise.allSettled(topics.map((name) => leaders.topic(name)))
  return new Map(
    found.flatMap((one) =>
      one.status === 'fulfilled' ? [[one.value.name, one.value.partitions.length] as const] : [],
    ),
  )
}

const wanted = ['max.message.bytes', 'retention.ms', 'cleanup.policy', 'message.timestamp.type', 'compression.type']

/**
 * Configuration of the topic. Reading it needs a right of its own (DescribeConfigs); without it no
 * limit is assumed, and the broker decides.
 */
async function configOf(cluster: KafkaCluster, topic: string): Promise<ReadonlyMap<string, string>> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: wanted }
  try {
    const { resources } = await withAdmin(cluster, (admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
    )
    return new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
  } catch {
    return new Map()
  }
}

function compressionOf(config: ReadonlyMap<string, string>): string | undefined {
  const type = config.get('compression.type') ?? 'producer'
  return type === 'producer' ? undefined : type === 'uncompressed' ? 'none' : type
}

/** Retention by record timestamps, if the topic keeps those and removes anything. */
function retentionOf(config: ReadonlyMap<string, string>): number | undefined {
  const removes = (config.get('cleanup.policy') ?? '').split(',').includes('delete')
  const retention = Number(config.get('retention.ms') ?? -1)
  return removes && retention >= 0 && config.get('message.timestamp.type') === 'CreateTime' ? retention : undefined
}
