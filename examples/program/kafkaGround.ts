/** Runs an example on Kafka. */
import { setTimeout as pause } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { kafkaCluster, kafkaRepartition, kafkaSink, kafkaSource } from 'rxweft/kafka'
import type { Ground, Until, Written } from './ends.ts'

/** @param prefix of the names of topics and transactional ids; '': the names in the example */
export async function kafkaGround(brokers: string[], prefix: string, ending: Until): Promise<Ground> {
  const cluster = kafkaCluster({ brokers })
  // A running job waits for a broker that does not answer. At the start the address is more likely
  // wrong.
  await (await cluster.connect('check')).close()
  const admin = cluster.admin()
  await admin.connect()
  return {
    source: (topic, value, until = ending) => kafkaSource(cluster, { topic: prefix + topic, value, until }),
    sink: (topic, value) =>
      kafkaSink(cluster, { topic: prefix + topic, value, transactionalIdPrefix: `${prefix}rxweft` }),
    topic: (options) => kafkaRepartition(cluster, { ...options, transactionalIdPrefix: `${prefix}rxweft` }),
    createTopics: (topics) =>
      createTopics(
        admin,
        topics.map((topic) => prefix + topic),
      ),
    isEmpty: async (topic) => (await offsetsOf(admin, prefix + topic)).every(({ high }) => high === '0'),
    append: (topic, records) => append(brokers, prefix + topic, records),
    close: () => admin.disconnect(),
  }
}

async function createTopics(admin: Admin, names: readonly string[]): Promise<void> {
  // Samples and their results have old timestamps.
  const configEntries = [{ name: 'retention.ms', value: '-1' }]
  const topics = names.map((topic) => ({ topic, numPartitions: 1, replicationFactor: -1, configEntries }))
  await admin.createTopics({ topics, waitForLeaders: false })
  for (const name of names) await offsetsOf(admin, name)
}

/** A new topic may be unusable for a moment. */
async function offsetsOf(admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> {
  try {
    return await admin.fetchTopicOffsets(topic)
  } catch (error) {
    if (!(error instanceof kafkajs.KafkaJSError && error.retriable)) throw error
    await pause(50)
    return offsetsOf(admin, topic)
  }
}

async function append(brokers: string[], topic: string, records: readonly Written[]): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const messages = records.map(({ timestamp, value }) => ({ timestamp: String(timestamp), value }))
  await producer.connect()
  await producer.send({ topic, acks: -1, messages })
  await producer.disconnect()
}
