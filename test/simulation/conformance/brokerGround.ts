/** A real broker as the ground of a conformance script. */
import { randomUUID } from 'node:crypto'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { initProducerId } from '../../../src/kafka/protocol/initProducerId.ts'
import type { Ground } from './ground.ts'

export async function onBroker<A>(brokers: readonly string[], script: (ground: Ground) => Promise<A>): Promise<A> {
  const cluster = kafkaCluster({ brokers })
  const connections = await cluster.connect('conformance')
  const prefix = `conformance-${randomUUID().slice(0, 8)}`
  const admin = cluster.admin()
  await admin.connect()
  const topics: string[] = []
  const others: Connections[] = []
  let count = 0
  const name = (): string => `${prefix}-${count++}`
  try {
    return await script({
      ...{ connections, name, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
      async connect() {
        const other = await cluster.connect('conformance')
        others.push(other)
        return other
      },
      age: (id, epoch) => age(connections, id, epoch),
      async createTopic(minIsr = 1) {
        const topic = name()
        topics.push(topic)
        const configEntries = [{ name: 'min.insync.replicas', value: String(minIsr) }]
        const wanted = { topic, numPartitions: 2, replicationFactor: 1, configEntries }
        await admin.createTopics({ topics: [wanted], waitForLeaders: true })
        return topic
      },
    })
  } finally {
    await admin.deleteTopics({ topics })
    await admin.disconnect()
    await Promise.all([connections, ...others].map((one) => one.close()))
  }
}

async function age(connections: Connections, transactionalId: string, epoch: number): Promise<void> {
  const node = await connections.coordinator('transaction', transactionalId)
  const args = { transactionalId, transactionTimeout: 60_000, producerId: -1, producerEpoch: -1 }
  for (let now = -1; now < epoch; ) {
    const answer = await connections.call(node, initProducerId, args)
    if (answer.errorCode === 0) now = answer.producerEpoch
  }
}
