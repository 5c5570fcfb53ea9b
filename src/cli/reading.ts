import { abortController, systemClock } from '../clock.ts'
import { unknownTopic } from '../kafka/nodes/brokerErrors.ts'
import type { Connections } from '../kafka/nodes/connections.ts'
import { leaders } from '../kafka/nodes/leaders.ts'
import type { RecentParts } from '../kafka/reading/recentRecords.ts'

/** Access of the tool to the cluster. */
export interface Reading extends RecentParts {
  readonly connections: Connections
}

/** @param signal ends what is being read. Default: never aborted */
export function readingOf(connections: Connections, signal: AbortSignal = abortController().signal): Reading {
  const attempt = { clock: systemClock, signal, tell: () => undefined }
  return { attempt, connections, leaders: leaders(attempt, connections) }
}

/** Number of partitions of a topic; null if there is no such topic. */
export async function partitionsOf({ leaders, connections }: Reading, topic: string): Promise<number | null> {
  const { topics } = await connections.metadata([topic])
  if (topics[0]?.errorCode === unknownTopic) return null
  return (await leaders.topic(topic)).partitions.length
}
