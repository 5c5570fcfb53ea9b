import type { AttemptContext } from '../../attempt.ts'
import { FatalError } from '../../errors.ts'
import type { KafkaCluster } from '../cluster.ts'
import { unknownTopic } from '../nodes/brokerErrors.ts'
import { createTopic, keptUntilDeleted, type Refusal, seen } from '../nodes/createTopic.ts'
import { leaders } from '../nodes/leaders.ts'

/**
 * Creates the repartition topic if it is missing, and otherwise checks its number of partitions.
 */
export async function ensureTopic(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  topic: string,
  partitions: number,
): Promise<void> {
  const connections = await cluster.connect('through')
  try {
    const [found] = (await connections.metadata([topic])).topics
    // Another shard, or an earlier copy of the job, may be creating it: just as good.
    if (found?.errorCode === unknownTopic)
      await createTopic(cluster, { topic, partitions, configEntries: keptUntilDeleted }, refusal)
    const there = (await seen(leaders(attempt, connections), topic, refusal)).partitions.length
    if (there !== partitions) throw changed(topic, there, partitions)
  } finally {
    await connections.close()
  }
}

const refusal: Refusal = {
  fatal: 'REPARTITION_TOPIC_MISSING',
  retriable: 'REPARTITION_TOPIC_NOT_CREATED',
  what: 'the topic',
}

function changed(topic: string, there: number, wanted: number): FatalError {
  return new FatalError('REPARTITION_TOPIC_CHANGED', `the topic has ${there} partitions, but the job sets ${wanted}`, {
    where: { topic },
    hint: `Set partitions: ${there}. The number decides where keys and their state are, so it is fixed; another number needs another name`,
  })
}
