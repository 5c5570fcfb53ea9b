import type { AttemptContext } from '../../attempt.ts'
import { FatalError } from '../../errors.ts'
import type { KafkaCluster } from '../cluster.ts'
import { unknownTopic } from '../nodes/brokerErrors.ts'
import { createAsAllowed, keptUntilDeleted, type Refusal, seen } from '../nodes/createTopic.ts'
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
    if (found?.errorCode === unknownTopic) {
      const plain = { topic, partitions, configEntries: keptUntilDeleted }
      const best = { ...plain, configEntries: [...keptUntilDeleted, ...anyEventTime] }
      await createAsAllowed(cluster, [best], plain, refusal)
    }
    const there = (await seen(leaders(attempt, connections), topic, refusal)).partitions.length
    if (there !== partitions) throw changed(topic, there, partitions)
  } finally {
    await connections.close()
  }
}

/**
 * Records keep the event times of the pipeline, however far these are from now: those of old data,
 * or of a daily window that has not ended. Kafka before 3.6 does not know the limits. Brokers that
 * compress anew fail on times before 1970.
 */
const anyEventTime = [
  { name: 'message.timestamp.type', value: 'CreateTime' },
  { name: 'compression.type', value: 'producer' },
  { name: 'message.timestamp.before.max.ms', value: '9223372036854775807' },
  { name: 'message.timestamp.after.max.ms', value: '9223372036854775807' },
]

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
