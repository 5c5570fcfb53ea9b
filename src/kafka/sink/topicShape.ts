import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing, isPassingCode } from '../nodes/passing.ts'
import { describeConfigs } from '../protocol/describeConfigs.ts'
import type { TopicShape } from '../sessions/session.ts'

/** Properties of a topic that a sink needs before it writes the first record. */
export async function topicShape(
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  topic: string,
  _within?: number,
): Promise<TopicShape> {
  const { partitions } = await leaders.topic(topic)
  const config = await configOf(connections, topic)
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

/** How often the configuration is asked for. */
const tries = 5

const wanted = ['max.message.bytes', 'retention.ms', 'cleanup.policy', 'message.timestamp.type', 'compression.type']

/**
 * Configuration of the topic. Reading it needs a right of its own (DescribeConfigs); without it no
 * limit is assumed, and the broker decides.
 */
async function configOf(connections: Pick<Connections, 'call'>, topic: string): Promise<ReadonlyMap<string, string>> {
  for (let left = tries; left > 0; left--) {
    try {
      const { errorCode, values } = await connections.call('any', describeConfigs, { topic, names: wanted })
      if (errorCode === 0 || !isPassingCode(errorCode)) return values
    } catch (thrown) {
      // Another broker answers where one has just died.
      if (!isPassing(thrown)) break
    }
  }
  return new Map()
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
