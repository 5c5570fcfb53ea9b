import { unknownTopic } from '../kafka/nodes/brokerErrors.ts'
import type { Connections } from '../kafka/nodes/connections.ts'
import type { RecentParts } from '../kafka/reading/recentRecords.ts'

/** Access of the tool to the cluster. */
export interface Reading extends RecentParts {
  readonly connections: Connections
}

/** Number of partitions of a topic; null if there is no such topic. */
export async function partitionsOf({ leaders, connections }: Reading, topic: string): Promise<number | null> {
  const { topics } = await connections.metadata([topic])
  if (topics[0]?.errorCode === unknownTopic) return null
  return (await leaders.topic(topic)).partitions.length
}
