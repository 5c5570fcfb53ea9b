import type { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { RxweftError } from '../../../src/errors.ts'
import { type KafkaCluster, kafkaCluster } from '../../../src/kafka/cluster.ts'
import { brokerError } from '../../../src/kafka/nodes/brokerErrors.ts'
import type { Connections, TopicMetadata } from '../../../src/kafka/nodes/connections.ts'
import { addOffsetsToTxn } from '../../../src/kafka/protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from '../../../src/kafka/protocol/addPartitionsToTxn.ts'
import { endTxn } from '../../../src/kafka/protocol/endTxn.ts'
import { type FetchedPartition, fetch } from '../../../src/kafka/protocol/fetch.ts'
import { initProducerId, type ProducerIdAnswer } from '../../../src/kafka/protocol/initProducerId.ts'
import { earliest, type Isolation, latest, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { zeroTopicId } from '../../../src/kafka/protocol/metadata.ts'
import { produce } from '../../../src/kafka/protocol/produce.ts'
import { txnOffsetCommit } from '../../../src/kafka/protocol/txnOffsetCommit.ts'
import { deadAddress } from '../fakeBroker.ts'
import { oneRecord, valuesOf } from '../oneRecord.ts'

const brokers = (inject('brokers' as never) as string[] | undefined) ?? process.env.KAFKA_BROKERS?.split(',') ?? []

describe.skipIf(brokers.length === 0)('on a real broker', () => {
  const prefix = `wire-${randomUUID().slice(0, 8)}`
  let count = 0
  let cluster: KafkaCluster
  let connections: Connections
  let topic: string

  beforeAll(async () => {
    cluster = kafkaCluster({ brokers })
    // The first transaction and the first group make the broker create its own topics.
    const warming = await cluster.connect('warm-up')
    await patiently(() => warming.coordinator('transaction', prefix))
    await patiently(() => warming.coordinator('group', prefix))
    await patiently(() => init(warming, prefix))
    await warming.close()
  }, 60_000)

  beforeEach(async () => {
    connections = await cluster.connect('test')
    topic = await createTopic()
  })

  afterEach(() => connections.close())

  afterAll(async () => {
    const admin = cluster.admin()
    await admin.connect()
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix))
    await admin.deleteTopics({ topics })
    await admin.disconnect()
  })

  async function createTopic(name = `${prefix}-${count++}`, numPartitions = 2): Promise<string> {
    const admin = cluster.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: name, numPartitions, replicationFactor: -1 }], waitForLeaders: true })
    await admin.disconnect()
    return name
  }

  /** Again for as long as the broker is not ready, with a deadline. */
  async function patiently<R>(act: () => Promise<R>): Promise<R> {
    const deadline = Date.now() + 30_000
    for (;;) {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof RxweftError) || error.consequence !== 'retriable' || Date.now() > deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async function init(on: Connections, transactionalId: string | null): Promise<ProducerIdAnswer> {
    const node = transactionalId === null ? 'any' : await on.coordinator('transaction', transactionalId)
    const args = { transactionalId, transactionTimeout: 60_000, producerId: -1, producerEpoch: -1 }
    const answer = await on.call(node, initProducerId, args)
    if (answer.errorCode !== 0) throw brokerError(answer.errorCode, 'InitProducerId', {})
    return answer
  }

  async function described(name = topic): Promise<TopicMetadata> {
    const [found] = (await connections.metadata([name])).topics
    return found as TopicMetadata
  }

  async function leaderOf(partition: number): Promise<number> {
    return (await described()).partitions[partition]?.leader as number
  }

  async function append(
    value: string,
    identity: { readonly producerId: number; readonly producerEpoch: number },
    { transactionalId = null as string | null, maxVersion = 12, partition = 0, baseSequence = 0 } = {},
  ) {
    const records = oneRecord(value, { ...identity, baseSequence, transactional: transactionalId !== null })
    const args = { transactionalId, acks: -1 as const, timeout: 10_000, batches: [{ topic, partition, records }] }
    return connections.call(await leaderOf(partition), produce, args, { maxVersion })
  }

  async function read(options: { maxVersion?: number; offset?: number; topicId?: string; maxWait?: number } = {}) {
    const { topicId = (await described()).topicId, offset = 0, maxWait = 500, maxVersion = 13 } = options
    const partitions = [{ topic, topicId, partition: 0, offset, maxBytes: 1_000_000 }]
    const args = { maxWait, minBytes: 1, maxBytes: 1_000_000, partitions }
    const answer = await connections.call(await leaderOf(0), fetch, args, { maxVersion })
    return answer[0] as FetchedPartition
  }

  async function offsetAt(timestamp: number, isolation: Isolation = 'read_uncommitted') {
    const args = { isolation, partitions: [{ topic, partition: 0, timestamp }] }
    return (await connections.call(await leaderOf(0), listOffsets, args))[0]
  }

  it('speaks transaction protocol v2', () => {
    expect(connections.transactionVersion).toBe(2)
  })

  it('metadata has the topic with its id, and creates none that is missing', async () => {
    const { topics, brokers: found } = await connections.metadata([topic, `${prefix}-missing`])
    expect(found.length).toBeGreaterThan(0)
    expect(topics.find(({ name }) => name === topic)).toMatchObject({
      errorCode: 0,
      topicId: expect.stringMatching(/^[\w-]{22}$/),
      partitions: [
        { partition: 0, errorCode: 0 },
        { partition: 1, errorCode: 0 },
      ],
    })
    expect(topics.find(({ name }) => name !== topic)?.errorCode).toBe(3)
    expect((await described(`${prefix}-missing`)).errorCode).toBe(3)
  })

  it('what is produced is fetched, by id and by name, and listed', async () => {
    const producer = await init(connections, null)
    expect(await append('one', producer)).toEqual([
      { topic, partition: 0, errorCode: 0, errorMessage: null, baseOffset: 0, refused: [] },
    ])
    const [again] = await append('two', producer, { baseSequence: 1, maxVersion: 9 })
    expect(again).toMatchObject({ errorCode: 0, baseOffset: 1 })
    for (const maxVersion of [12, 13]) {
      const found = await read({ maxVersion })
      expect(found).toMatchObject({ topic, partition: 0, errorCode: 0, highWatermark: 2, lastStableOffset: 2 })
      expect(valuesOf(found.records)).toEqual(['one', 'two'])
    }
    expect((await read({ topicId: zeroTopicId })).records.length).toBeGreaterThan(0)
    expect(await offsetAt(earliest)).toMatchObject({ errorCode: 0, offset: 0 })
    expect(await offsetAt(latest)).toMatchObject({ errorCode: 0, offset: 2 })
    expect((await offsetAt(0))?.offset).toBe(0)
    expect((await offsetAt(Date.now() + 60_000))?.offset).toBe(-1)
  })

  it('several partitions go out in one request, and each has its own answer', async () => {
    const producer = await init(connections, null)
    const identity = { ...producer, baseSequence: 0, transactional: false }
    const batches = [0, 1, 2].map((partition) => ({
      topic,
      partition,
      records: oneRecord(`in ${partition}`, identity),
    }))
    const args = { transactionalId: null, acks: -1 as const, timeout: 10_000, batches }
    const answer = await connections.call(await leaderOf(0), produce, args)
    expect(answer.map(({ partition, errorCode }) => [partition, errorCode]).sort()).toEqual([
      [0, 0],
      [1, 0],
      [2, 3],
    ])
  })

  it('a batch that is sent twice with one sequence number is there once', async () => {
    const producer = await init(connections, null)
    await append('once', producer)
    expect((await append('once', producer))[0]).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(valuesOf((await read()).records)).toEqual(['once'])
  })

  it('errors of the broker come as numbers: out of order, out of range, damaged', async () => {
    const producer = await init(connections, null)
    await append('one', producer)
    expect((await append('three', producer, { baseSequence: 2 }))[0]?.errorCode).toBe(45)
    expect((await read({ offset: 1_000 })).errorCode).toBe(1)
    const records = oneRecord('broken', { ...producer, baseSequence: 1, transactional: false })
    records.writeUInt8(records.readUInt8(70) ^ 1, 70)
    const args = {
      transactionalId: null,
      acks: -1 as const,
      timeout: 10_000,
      batches: [{ topic, partition: 0, records }],
    }
    expect((await connections.call(await leaderOf(0), produce, args))[0]?.errorCode).toBe(2)
  })

  it('a topic that was created anew is not taken for the old one', async () => {
    const { topicId } = await described()
    const admin = cluster.admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
    await expect.poll(async () => (await described()).errorCode, { timeout: 10_000 }).toBe(3)
    await createTopic(topic)
    expect((await described()).topicId).not.toBe(topicId)
    expect((await read({ topicId })).errorCode).toBe(100)
  })

  /** One transaction with a record and an offset, by hand. */
  const protocols = {
    v1: async (id: string, value: string, committed: boolean) => {
      const producer = await init(connections, id)
      const node = await connections.coordinator('transaction', id)
      const group = await connections.coordinator('group', id)
      const head = { transactionalId: id, producerId: producer.producerId, producerEpoch: producer.producerEpoch }
      const partitions = [{ topic, partition: 0 }]
      const added = await patiently(async () => {
        const answer = await connections.call(node, addPartitionsToTxn, { ...head, partitions })
        if (answer[0]?.errorCode === 51) throw brokerError(51, 'AddPartitionsToTxn', {})
        return answer
      })
      expect(added).toEqual([{ topic, partition: 0, errorCode: 0 }])
      const [produced] = await append(value, producer, { transactionalId: id, maxVersion: 11 })
      expect(produced?.errorCode).toBe(0)
      expect(await connections.call(node, addOffsetsToTxn, { ...head, groupId: id })).toEqual({ errorCode: 0 })
      const offsets = [{ topic, partition: 0, offset: 7 }]
      const stored = await connections.call(
        group,
        txnOffsetCommit,
        { ...head, groupId: id, offsets },
        { maxVersion: 4 },
      )
      expect(stored).toEqual([{ topic, partition: 0, errorCode: 0 }])
      const ended = await connections.call(node, endTxn, { ...head, committed }, { maxVersion: 4 })
      expect(ended).toEqual({ errorCode: 0, producerId: head.producerId, producerEpoch: head.producerEpoch })
    },
    v2: async (id: string, value: string, committed: boolean) => {
      const producer = await init(connections, id)
      const node = await connections.coordinator('transaction', id)
      const group = await connections.coordinator('group', id)
      const head = { transactionalId: id, producerId: producer.producerId, producerEpoch: producer.producerEpoch }
      const [produced] = await append(value, producer, { transactionalId: id })
      expect(produced?.errorCode).toBe(0)
      const offsets = [{ topic, partition: 0, offset: 7 }]
      const stored = await connections.call(group, txnOffsetCommit, { ...head, groupId: id, offsets })
      expect(stored).toEqual([{ topic, partition: 0, errorCode: 0 }])
      const ended = await connections.call(node, endTxn, { ...head, committed })
      expect(ended).toEqual({ errorCode: 0, producerId: head.producerId, producerEpoch: head.producerEpoch + 1 })
    },
  }

  describe.each(['v1', 'v2'] as const)('transaction protocol %s', (version) => {
    it('commits records and offsets', async () => {
      const id = `${prefix}-${version}-commit`
      await protocols[version](id, 'kept', true)
      await expect.poll(async () => (await offsetAt(latest, 'read_committed'))?.offset, { timeout: 10_000 }).toBe(2)
      const found = await read()
      expect(found.abortedTransactions).toEqual([])
      expect(valuesOf(found.records)).toEqual(['kept'])
      const admin = cluster.admin()
      await admin.connect()
      const committed = () => admin.fetchOffsets({ groupId: id, topics: [topic] })
      await expect
        .poll(async () => (await committed())[0]?.partitions.find(({ partition }) => partition === 0)?.offset)
        .toBe('7')
      await admin.disconnect()
    })

    it('aborts, and fetch says which records are to be left out', async () => {
      const id = `${prefix}-${version}-abort`
      await protocols[version](id, 'dropped', false)
      await expect.poll(async () => (await offsetAt(latest, 'read_committed'))?.offset, { timeout: 10_000 }).toBe(2)
      const found = await read()
      expect(found.abortedTransactions).toEqual([{ producerId: expect.any(Number), firstOffset: 0 }])
    })
  })

  it('a record of an open transaction is not visible, and InitProducerId aborts it and fences its producer', async () => {
    const id = `${prefix}-zombie`
    const zombie = await init(connections, id)
    await append('never', zombie, { transactionalId: id })
    expect((await offsetAt(latest, 'read_committed'))?.offset).toBe(0)
    expect((await offsetAt(latest))?.offset).toBe(1)
    const heir = await patiently(() => init(connections, id))
    expect(heir.producerEpoch).toBeGreaterThan(zombie.producerEpoch)
    const [late] = await append('late', zombie, { transactionalId: id, baseSequence: 1 })
    expect(brokerError(late?.errorCode as number, 'Produce', {}).consequence).toBe('fenced')
    const node = await connections.coordinator('transaction', id)
    const { producerId, producerEpoch } = zombie
    const end = { transactionalId: id, producerId, producerEpoch, committed: true }
    const ended = await connections.call(node, endTxn, end)
    expect(brokerError(ended.errorCode, 'EndTxn', {}).consequence).toBe('fenced')
  })

  it('a transaction timeout above the maximum of the broker is refused', async () => {
    const node = await connections.coordinator('transaction', prefix)
    const args = { transactionalId: prefix, transactionTimeout: 2 ** 31 - 1, producerId: -1, producerEpoch: -1 }
    const { errorCode } = await connections.call(node, initProducerId, args)
    expect(brokerError(errorCode, 'InitProducerId', {}).code).toBe('INVALID_TRANSACTION_TIMEOUT')
  })

  it('close() does not wait for a long poll', async () => {
    const polling = read({ maxWait: 20_000 }).catch((error) => error)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const started = performance.now()
    await connections.close()
    expect(performance.now() - started).toBeLessThan(100)
    expect((await polling).code).toBe('CONNECTION_CLOSED')
  })

  it('a dead broker in the list does no harm', async () => {
    const through = await kafkaCluster({ brokers: [await deadAddress(), ...brokers] }).connect('test')
    expect((await through.metadata([topic])).topics[0]?.errorCode).toBe(0)
    await through.close()
  })

  it('describeConfigs and createTopics of admin work, with the replication factor of the broker', async () => {
    const admin = cluster.admin()
    await admin.connect()
    const resources = [{ type: 2, name: topic, configNames: ['max.message.bytes'] }]
    const { resources: found } = await admin.describeConfigs({ resources, includeSynonyms: false })
    expect(Number(found[0]?.configEntries[0]?.configValue)).toBeGreaterThan(0)
    await admin.disconnect()
  })

  describe('behind a connection that can be cut', () => {
    let proxy: Server
    let pairs: [client: Socket, broker: Socket][]
    /** true: requests pass, answers do not. */
    let deaf: boolean

    beforeEach(async () => {
      pairs = []
      deaf = false
      proxy = createServer((client) => {
        const [host, port] = (brokers[0] as string).split(':')
        const broker = connectSocket(Number(port), host as string)
        pairs.push([client, broker])
        for (const socket of [client, broker]) socket.on('error', () => undefined)
        client.on('data', (bytes: Buffer) => broker.write(bytes))
        broker.on('data', (bytes: Buffer) => deaf || client.write(bytes))
        client.on('close', () => broker.destroy())
        broker.on('close', () => client.destroy())
      })
      proxy.listen(0, '127.0.0.1')
      await once(proxy, 'listening')
    })

    afterEach(() => {
      for (const [client] of pairs) client.destroy()
      proxy.close()
    })

    async function connectedThrough(requestTimeout: number): Promise<Connections> {
      const { port } = proxy.address() as AddressInfo
      return kafkaCluster({ brokers: [`127.0.0.1:${port}`], requestTimeout }).connect('test')
    }

    const bare = { transactionalId: null, transactionTimeout: 0, producerId: -1, producerEpoch: -1 }

    it('a cut in the middle of a request leaves its outcome unknown, and the next one goes over another connection', async () => {
      const through = await connectedThrough(30_000)
      deaf = true
      const call = through.call('any', initProducerId, bare).catch((error) => error)
      await new Promise((resolve) => setTimeout(resolve, 100))
      for (const [client] of pairs) client.destroy()
      expect((await call).code).toBe('CONNECTION_LOST')
      expect((await through.call('any', initProducerId, bare)).errorCode).toBe(0)
      await through.close()
    })

    it('an answer that never comes is waited for no longer than requestTimeout', async () => {
      const through = await connectedThrough(300)
      deaf = true
      await expect(through.call('any', initProducerId, bare)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' })
      await through.close()
    })
  })
})
