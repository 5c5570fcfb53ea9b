import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { systemClock } from '../../../src/clock.ts'
import type { LedgerEntry } from '../../../src/contracts/ledger.ts'
import { type LedgerTopic, ledgerTopic } from '../../../src/kafka/ledger/ledgerTopic.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { type Leaders, leaders } from '../../../src/kafka/nodes/leaders.ts'
import { producer } from '../../../src/kafka/sending/producer.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { cancelAll, collect, copy, run, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('the ledger topic on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics
  let connections: Connections
  let known: Leaders
  let attempt: AttemptContext
  let ledger: LedgerTopic

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  beforeEach(async () => {
    connections = await topics.cluster.connect('test')
    const signal = new AbortController().signal
    attempt = { job: topics.name('job'), shard: 0, shards: 1, clock: systemClock, signal } as unknown as AttemptContext
    known = leaders(attempt, connections)
    ledger = ledgerTopic(attempt, topics.cluster, connections, known, 'rxweft')
  })

  afterEach(async () => {
    await cancelAll()
    await connections.close()
  })

  afterAll(() => topics.close())

  const entry = (checkpoint: number): LedgerEntry => {
    return { lineage: 'l', checkpoint, owner: 'me', snapshot: null, positions: [], handles: {} }
  }

  it('is not created by reading it, and then compacted, with one partition', async () => {
    expect(await ledger.read('committed')).toBeNull()
    expect(await ledger.read('fenced')).toBeNull()
    expect(await topics.exists(ledger.name)).toBe(false)
    await ledger.ensure()
    await ledger.ensure()
    const resources = [{ type: 2, name: ledger.name, configNames: ['cleanup.policy'] }]
    const { resources: found } = await topics.admin.describeConfigs({ resources, includeSynonyms: false })
    expect(found[0]?.configEntries[0]?.configValue).toBe('compact')
    expect((await known.topic(ledger.name)).partitions.length).toBe(1)
    expect(await ledger.read('fenced')).toBeNull()
  })

  const configOf = async (topic: string, name: string) => {
    const resources = [{ type: 2, name: topic, configNames: [name] }]
    const { resources: found } = await topics.admin.describeConfigs({ resources, includeSynonyms: false })
    return found[0]?.configEntries[0]?.configValue
  }

  it('is as safe as the cluster allows, and the brokers date its records', async () => {
    await ledger.read('committed')
    await ledger.ensure()
    const { brokers: nodes } = await connections.metadata([])
    expect(await configOf(ledger.name, 'min.insync.replicas')).toBe(`${Math.min(2, nodes.length)}`)
    expect(await configOf(ledger.name, 'message.timestamp.type')).toBe('LogAppendTime')
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: [ledger.name] })
    expect(found[0]?.partitions[0]?.replicas.length).toBe(Math.min(3, nodes.length))
  })

  it('that exists already takes the entries of a machine whose clock is a day wrong', async () => {
    const limits = { 'message.timestamp.type': 'CreateTime', 'cleanup.policy': 'compact' }
    await topics.create(1, { ...limits, 'message.timestamp.after.max.ms': '3600000' }, ledger.name)
    const day = 24 * 3_600_000
    for (const [checkpoint, wrong] of [day, -day].entries()) {
      const clock = { ...systemClock, now: () => Date.now() + wrong }
      const late = ledgerTopic({ ...attempt, clock }, topics.cluster, connections, known, 'rxweft')
      const identity = { transactionalId: attempt.job, transactionTimeout: 60_000, acks: -1 } as const
      const writer = producer(attempt, connections, known, identity)
      await writer.init()
      await late.read('fenced')
      await writer.send([late.parcel(entry(checkpoint))])
      await writer.commit()
      expect(await ledger.read('fenced')).toMatchObject({ checkpoint })
    }
  })

  it('whose name Kafka takes for that of another one is refused with that reason', async () => {
    const of = (job: string) => ledgerTopic({ ...attempt, job }, topics.cluster, connections, known, 'rxweft')
    const [one, other] = [of(`${attempt.job}.a`), of(`${attempt.job}_a`)]
    await one.read('committed')
    await one.ensure()
    await other.read('committed')
    await expect(other.ensure()).rejects.toMatchObject({
      code: 'LEDGER_TOPIC_MISSING',
      consequence: 'fatal',
      what: expect.stringContaining(`collides with topic "${one.name}"`),
    })
  })

  it('that has appeared since it was read is not written to unread', async () => {
    expect(await ledger.read('committed')).toBeNull()
    await topics.create(1, {}, ledger.name)
    await expect(ledger.ensure()).rejects.toMatchObject({ code: 'LEDGER_APPEARED', consequence: 'retriable' })
    expect(await ledger.read('committed')).toBeNull()
    await ledger.ensure()
  })

  it('tells the last entry that is committed, however many there are, and none that is aborted', async () => {
    await ledger.read('fenced')
    await ledger.ensure()
    const identity = { transactionalId: attempt.job, transactionTimeout: 60_000, acks: -1 } as const
    const writer = producer(attempt, connections, known, identity)
    await writer.init()
    for (let checkpoint = 1; checkpoint <= 3; checkpoint++) {
      await writer.send([ledger.parcel(entry(checkpoint))])
      await writer.commit()
      expect(await ledger.read('fenced')).toMatchObject({ checkpoint })
    }
    // Far behind the end, as seen from a first look at it.
    for (let aborted = 0; aborted < 50; aborted++) {
      await writer.send([ledger.parcel(entry(99))])
      await writer.abandon()
      await writer.init()
    }
    expect(await ledger.read('fenced')).toMatchObject({ checkpoint: 3 })
    await writer.send([ledger.parcel(entry(4))])
    expect(await ledger.read('committed')).toMatchObject({ checkpoint: 3 })
    await writer.commit()
    expect(await ledger.read('fenced')).toMatchObject({ checkpoint: 4 })
  })

  it('is made by one of two jobs that start at once, and every record is written once', async () => {
    for (let round = 0; round < 4; round++) {
      const [source, sink, name] = [await topics.create(), await topics.create(), topics.name('job')]
      await topics.append(source, ['a', 'b', 'c'])
      const job = copy(
        name,
        () => kafkaSource(topics.cluster, { topic: source, value: text, until: 'latest' }),
        () => kafkaSink<string>(topics.cluster, { topic: sink, value: text }),
      )
      const storage = memoryStorage()
      const ends = await Promise.allSettled([run(job, { storage }).done, run(job, { storage }).done])
      expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true)
      for (const end of ends) {
        if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'OWNED_BY_ANOTHER' })
      }
      const records: StreamRecord<string>[] = []
      const read = () => kafkaSource(topics.cluster, { topic: sink, value: text, until: 'latest' })
      await runToEnd(collect(topics.name('job'), read, records))
      expect(records.map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    }
  })
})
