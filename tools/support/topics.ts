/** Topics of one test file on a real broker: unique names, ways to write, and a clean-up. */
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { Admin } from 'kafkajs'
import { systemClock } from '../../src/clock.ts'
import { createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import type { Compression } from '../../src/kafka/batch/compression.ts'
import { type KafkaCluster, kafkaCluster } from '../../src/kafka/cluster.ts'
import type { KafkaClusterConfig } from '../../src/kafka/driver/driverSettings.ts'
import type { Connections } from '../../src/kafka/nodes/connections.ts'
import { leaders } from '../../src/kafka/nodes/leaders.ts'
import { type Producer, producer } from '../../src/kafka/sending/producer.ts'
import type { Header } from '../../src/record.ts'

/** A value, or parts of a record; missing parts are null, empty, or now. */
export type Written =
  | string
  | {
      readonly key?: string | Buffer | null
      readonly value?: string | Buffer | null
      readonly timestamp?: number
      readonly headers?: readonly Header[]
    }

export interface Topics {
  readonly cluster: KafkaCluster
  readonly admin: Admin
  /** A unique name for topics, jobs, groups and transactional ids. */
  name(what?: string): string
  create(partitions?: number, config?: Readonly<Record<string, string>>, name?: string): Promise<string>
  /** Deletes the topic and waits until it is gone. */
  remove(topic: string): Promise<void>
  exists(topic: string): Promise<boolean>
  /** Appends one batch, outside of transactions. */
  append(topic: string, records: readonly Written[], partition?: number, compression?: Compression): Promise<void>
  /** A producer with its own transactions. */
  transactional(id: string): Promise<Transactional>
  close(): Promise<void>
}

export interface Transactional {
  send(topic: string, partition: number, records: readonly Written[]): Promise<unknown>
  /** Commits or aborts; with `send` it opens the next one. */
  end(committed: boolean): Promise<void>
}

export async function testTopics(
  brokers: readonly string[],
  config: Partial<KafkaClusterConfig> = {},
): Promise<Topics> {
  const cluster = kafkaCluster({ brokers, ...config })
  const prefix = `t-${randomUUID().slice(0, 8)}`
  const attempt = { clock: systemClock, signal: new AbortController().signal }
  const admin = cluster.admin()
  await admin.connect()
  const sets: Connections[] = []
  let count = 0

  async function open(connections: Connections, transactionalId: string | null): Promise<Producer> {
    const identity = { transactionalId, transactionTimeout: 60_000, acks: -1 } as const
    const opened = producer(attempt, connections, leaders(attempt, connections), identity)
    await opened.init()
    return opened
  }

  const name = (what = 'topic'): string => `${prefix}-${what}-${count++}`
  const exists = async (topic: string): Promise<boolean> => (await admin.listTopics()).includes(topic)

  return {
    cluster,
    admin,
    name,
    exists,
    async create(numPartitions = 1, settings = {}, topic = name()) {
      // Records of tests may have any timestamp.
      const configEntries = Object.entries({ 'retention.ms': '-1', ...settings }).map(([name, value]) => ({
        name,
        value,
      }))
      const topics = [{ topic, numPartitions, replicationFactor: -1, configEntries }]
      await admin.createTopics({ topics, waitForLeaders: false })
      // In a cluster, some brokers hear of it later.
      const known = () =>
        admin.fetchTopicMetadata({ topics: [topic] }).then(
          () => true,
          () => false,
        )
      while (!(await known())) await new Promise((resolve) => setTimeout(resolve, 20))
      return topic
    },
    async remove(topic) {
      await admin.deleteTopics({ topics: [topic] })
      while (await exists(topic)) await new Promise((resolve) => setTimeout(resolve, 20))
    },
    async append(topic, records, partition = 0, compression = 'none') {
      const connections = await cluster.connect('append')
      const plain = await open(connections, null)
      const builder = batch(records, compression)
      await builder.pack()
      await plain.send([{ topic, partition, builder }])
      await connections.close()
    },
    async transactional(id) {
      const connections = await cluster.connect('transactions')
      sets.push(connections)
      const opened = await open(connections, id)
      return {
        send: (topic, partition, records) => opened.send([{ topic, partition, builder: batch(records, 'none') }]),
        end: (committed) => (committed ? opened.commit() : opened.abandon().then(opened.init)),
      }
    },
    async close() {
      const mine = (await admin.listTopics()).filter((topic) => topic.includes(prefix))
      await admin.deleteTopics({ topics: mine })
      await admin.disconnect()
      for (const connections of sets) await connections.close()
    },
  }
}

function batch(records: readonly Written[], compression: Compression) {
  const builder = createBatchBuilder({ compression })
  for (const record of records) {
    const {
      key = null,
      value = null,
      timestamp = Date.now(),
      headers = [],
    } = typeof record === 'string' ? { value: record } : record
    builder.append(timestamp, encoded(key), encoded(value), headers)
  }
  return builder
}

function encoded(content: string | Buffer | null): Buffer | null {
  return typeof content === 'string' ? Buffer.from(content) : content
}
