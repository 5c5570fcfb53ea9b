/**
 * The demonstration on Kafka: new topics, fed with kafkajs, and checked by Kafka's own consumer if
 * Java is installed.
 */
import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { kafkaCluster } from 'rxweft/kafka'
import type { FoundBroker } from '../../tools/broker/findBroker.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import { uppercase } from '../uppercase.ts'
import { type Ground, type NumberedLine, type OutputLine, partitions } from './ground.ts'
import { readCommitted } from './readCommitted.ts'

export async function kafkaGround({ kind, brokers }: Exclude<FoundBroker, { kind: 'none' }>): Promise<Ground> {
  const job = `demo-${randomUUID().slice(0, 8)}`
  const [source, sink] = [`${job}-lines`, `${job}-upper`]
  const kafka = new Kafka({ brokers: [...brokers], clientId: job, logLevel: logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer(exactly)]
  await Promise.all([admin.connect(), producer.connect()])
  const topics = [source, sink].map((topic) => ({ topic, numPartitions: partitions, replicationFactor: -1 }))
  await admin.createTopics({ topics, waitForLeaders: true })
  return {
    job: uppercase(kafkaCluster({ brokers }), { name: job, source, sink }),
    programArguments: ['--brokers', brokers.join(','), '--source', source, '--sink', sink, '--job', job],
    steps: ['prepared', 'stored', 'ledger', 'ending', 'committed'],
    feed: (lines) => feed(producer, source, lines),
    output: () => output(brokers, sink),
    async close() {
      // A broker started for the demonstration is removed with all its data.
      if (kind === 'given') await deleteTopics(admin, job)
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}

/** A line fed twice would look like a duplicate made by the job. */
const exactly = { idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner }

async function feed(producer: Producer, topic: string, lines: readonly NumberedLine[]): Promise<void> {
  const messages = lines.map(({ partition, text }) => ({ partition, value: text }))
  await producer.send({ topic, acks: -1, messages })
}

async function output(brokers: readonly string[], topic: string): Promise<readonly OutputLine[]> {
  const independent = await oracleAvailable()
  console.log(
    `counted by ${independent ? "Kafka's console consumer, read_committed" : "rxweft's own reader, since Java is not installed"}`,
  )
  const records = independent ? await consoleConsume(brokers, topic) : await readCommitted(brokers, topic)
  return records.map(({ partition, value }) => ({ partition, text: value ?? '' }))
}

/** The name of the job is a part of the name of its ledger topic. */
async function deleteTopics(admin: Admin, job: string): Promise<void> {
  const topics = (await admin.listTopics()).filter((topic) => topic.includes(job))
  await admin.deleteTopics({ topics })
}
