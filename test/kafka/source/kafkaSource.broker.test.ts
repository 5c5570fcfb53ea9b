import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { KafkaSourceOptions } from '../../../src/kafka/source/kafkaSourceOptions.ts'
import { asyncMap } from '../../../src/operators/asyncMap.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { bytes } from '../../../src/serde/bytes.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import {
  cancelAll,
  collect,
  copy,
  eventually,
  failure,
  keep,
  nowhere,
  run,
  runToEnd,
} from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { deadAddress } from '../fakeBroker.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('the Kafka source on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  type Options = Partial<KafkaSourceOptions<string>>

  const lines = (topic: string, more: Options = {}) => kafkaSource(topics.cluster, { topic, value: text, ...more })

  /** What a bounded job reads, as "partition: value value". */
  async function read(topic: string, more: Options = {}): Promise<readonly string[]> {
    const records: StreamRecord<string>[] = []
    await runToEnd(collect(topics.name('job'), () => lines(topic, { until: 'latest', ...more }), records))
    return byPartition(records)
  }

  describe('reads', () => {
    it('every partition of several topics in order, although one of the brokers named is dead', async () => {
      const [a, b] = [await topics.create(3), await topics.create(2)]
      const places = [0, 1, 2].map((partition) => [a, partition] as const)
      places.push([b, 0], [b, 1])
      const expected = []
      for (const [topic, partition] of places) {
        const values = Array.from({ length: 50 }, (_, at) => `${partition}/${at}`)
        for (const half of [values.slice(0, 20), values.slice(20)]) await topics.append(topic, half, partition)
        expected.push(`${topic}-${partition}: ${values.join(' ')}`)
      }
      const cluster = kafkaCluster({ brokers: [await deadAddress(), ...brokers] })
      const records: StreamRecord<string>[] = []
      const source = () => kafkaSource(cluster, { topics: [a, b], value: text, until: 'latest' })
      const result = await runToEnd(collect(topics.name('job'), source, records))
      expect(result.outcome).toBe('finished')
      expect(byPartition(records)).toEqual(expected.sort())
    })

    it('keys, headers, timestamps and tombstones as they were written', async () => {
      const topic = await topics.create()
      const headers = [
        { name: 'trace', value: Buffer.from('1') },
        { name: 'trace', value: Buffer.from('2') },
        { name: 'none', value: null },
        { name: 'empty', value: Buffer.alloc(0) },
      ]
      await topics.append(topic, [
        { key: 'k', value: 'v', timestamp: 1_700_000_000_001, headers },
        { key: null, value: null, timestamp: 1_700_000_000_000 },
        { key: Buffer.from([0xff, 0]), value: '', timestamp: 1_699_999_999_999 },
      ])
      const records: StreamRecord<Buffer | null>[] = []
      const value = { encode: (given: Buffer | null) => given, decode: (read: Buffer | null) => read }
      const source = () => kafkaSource(topics.cluster, { topic, value, until: 'latest' })
      await runToEnd(collect(topics.name('job'), source, records))
      expect(
        records.map(({ key, value, timestamp, headers, offset }) => [key, value, timestamp, headers, offset]),
      ).toEqual([
        [Buffer.from('k'), Buffer.from('v'), 1_700_000_000_001, headers, 0],
        [null, null, 1_700_000_000_000, [], 1],
        [Buffer.from([0xff, 0]), Buffer.alloc(0), 1_699_999_999_999, [], 2],
      ])
    })

    it('the time of the broker if the topic says so', async () => {
      const topic = await topics.create(1, { 'message.timestamp.type': 'LogAppendTime' })
      const before = Date.now()
      await topics.append(topic, [
        { value: 'a', timestamp: 1 },
        { value: 'b', timestamp: 2 },
      ])
      const records: StreamRecord<string>[] = []
      await runToEnd(collect(topics.name('job'), () => lines(topic, { until: 'latest' }), records))
      expect(records.length).toBe(2)
      for (const { timestamp } of records) expect(Math.abs(timestamp - before)).toBeLessThan(60_000)
    })

    it('as a member of no consumer group, whose offsets follow the checkpoints', async () => {
      const [topic, sinkTopic, groupId] = [await topics.create(2), await topics.create(), topics.name('group')]
      await topics.append(topic, ['a', 'b', 'c'], 0)
      await topics.append(topic, ['d'], 1)
      const sink = () => kafkaSink<string>(topics.cluster, { topic: sinkTopic, value: text })
      const job = run(copy(topics.name('job'), () => lines(topic, { groupId }), sink))
      await eventually(async () => (await offsets(groupId, topic)).join() === '3,1')
      await topics.append(topic, ['e', 'f'], 1)
      await eventually(async () => (await offsets(groupId, topic)).join() === '3,3')
      const [group] = (await topics.admin.describeGroups([groupId])).groups
      expect(group).toMatchObject({ state: 'Empty', members: [] })
      await job.stop()
    })

    it('no more than maxInFlight and one fetched batch ahead of what is done', async () => {
      const topic = await topics.create()
      const large = 'x'.repeat(256 * 1024)
      for (let at = 0; at < 10; at++) await topics.append(topic, [large, large, large])
      let [reading, most, done] = [0, 0, 0]
      const job = defineJob(topics.name('job'), ({ from }) =>
        from(lines(topic, { maxInFlight: 1, until: 'latest' }), noWatermarks()).pipe(
          keep<string>({ push: () => (most = Math.max(most, ++reading)) } as never),
          asyncMap(async (value) => {
            await new Promise(setImmediate)
            reading -= 1
            done += 1
            return value
          }),
          to(nowhere<string>()),
        ),
      )
      await runToEnd(job)
      expect(done).toBe(30)
      expect(most).toBeLessThanOrEqual(3)
    })
  })

  describe('starts', () => {
    it('at the beginning, at a time, at given offsets', async () => {
      const topic = await topics.create(2)
      for (const [at, value] of ['a', 'b', 'c', 'd'].entries())
        await topics.append(topic, [{ value, timestamp: 1_000 + at }])
      await topics.append(topic, [{ value: 'e', timestamp: 500 }], 1)
      expect(await read(topic, { startFrom: 'earliest' })).toEqual([`${topic}-0: a b c d`, `${topic}-1: e`])
      expect(await read(topic, { startFrom: { timestamp: 1_002 } })).toEqual([`${topic}-0: c d`])
      const startFrom = [{ topic, partition: 0, offset: 3 }]
      expect(await read(topic, { startFrom })).toEqual([`${topic}-0: d`, `${topic}-1: e`])
    })

    it('at the end, which is fixed before anything is read: what comes after it survives a kill before the first checkpoint', async () => {
      const [topic, sinkTopic, name] = [await topics.create(), await topics.create(), topics.name('job')]
      await topics.append(topic, ['before'])
      const records: StreamRecord<string>[] = []
      const job = (until?: 'latest') =>
        defineJob(name, ({ from }) =>
          from(lines(topic, { startFrom: 'latest', until }), noWatermarks()).pipe(
            keep(records),
            to(kafkaSink(topics.cluster, { topic: sinkTopic, value: text })),
          ),
        )
      const storage = memoryStorage()
      const first = run(job(), { storage, checkpointing: { interval: 60_000 } })
      await first.until('restored')
      await first.cancel()
      await topics.append(topic, ['after'])
      await runToEnd(job('latest'), { storage })
      expect(records.map(({ value }) => value)).toEqual(['after'])
      expect(await read(sinkTopic)).toEqual([`${sinkTopic}-0: after`])
    })

    it('at the end that a read_committed reader sees: a transaction that is open then is not lost', async () => {
      const topic = await topics.create()
      const writer = await topics.transactional(topics.name('id'))
      await writer.send(topic, 0, ['open'])
      const records: StreamRecord<string>[] = []
      const source = () => lines(topic, { startFrom: 'latest' })
      const job = run(collect(topics.name('job'), source, records))
      await job.until('restored')
      await writer.end(true)
      await eventually(() => records.length > 0)
      expect(records.map(({ value }) => value)).toEqual(['open'])
      await job.stop()
    })

    it('not at all from offsets that are not there, and does not remember them: corrected, it starts', async () => {
      const [topic, name] = [await topics.create(), topics.name('job')]
      await topics.append(topic, ['a', 'b'])
      const records: StreamRecord<string>[] = []
      const storage = memoryStorage()
      const from = (partition: number, offset: number) =>
        collect(name, () => lines(topic, { until: 'latest', startFrom: [{ topic, partition, offset }] }), records)
      const outside = await failure(run(from(0, 3), { storage }))
      expect(outside).toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        consequence: 'fatal',
        where: { topic, partition: 0, offset: 3 },
        hint: expect.stringContaining('startFrom'),
      })
      const elsewhere = await failure(run(from(7, 0), { storage }))
      expect(elsewhere).toMatchObject({ code: 'START_OFFSET_UNKNOWN', where: { topic, partition: 7 } })
      await runToEnd(from(0, 1), { storage })
      expect(records.map(({ value }) => value)).toEqual(['b'])
    })
  })

  describe('finds new partitions, and starts them at their beginning', () => {
    it('while it runs', async () => {
      const topic = await topics.create()
      const records: StreamRecord<string>[] = []
      const source = () => lines(topic, { startFrom: 'latest', discoveryInterval: 100 })
      const job = run(collect(topics.name('job'), source, records))
      await job.until('restored')
      await addPartition(topic, 2)
      await topics.append(topic, ['a', 'b'], 1)
      await topics.append(topic, ['c'], 0)
      await eventually(() => records.length >= 3)
      await job.stop()
      expect(byPartition(records)).toEqual([`${topic}-0: c`, `${topic}-1: a b`])
      expect(job.seen.some(({ type }) => type === 'restarting')).toBe(false)
    })

    it('while it is stopped, and continues in the old ones where it was', async () => {
      const [topic, name, storage] = [await topics.create(), topics.name('job'), memoryStorage()]
      await topics.append(topic, ['a'])
      const records: StreamRecord<string>[] = []
      const job = () => collect(name, () => lines(topic, { until: 'latest' }), records)
      await runToEnd(job(), { storage })
      await addPartition(topic, 2)
      await topics.append(topic, ['b'])
      await topics.append(topic, ['c'], 1)
      await runToEnd(job(), { storage })
      await runToEnd(job(), { storage })
      expect(byPartition(records)).toEqual([`${topic}-0: a b`, `${topic}-1: c`])
    })
  })

  it('continues where it was when it is given another topic, which it reads from the beginning, and refuses to forget one', async () => {
    const [a, b] = [await topics.create(), await topics.create()]
    await topics.append(a, ['1'])
    await topics.append(b, ['2'])
    const [name, storage] = [topics.name('job'), memoryStorage()]
    const records: StreamRecord<string>[] = []
    const job = (...named: string[]) =>
      collect(
        name,
        () => kafkaSource(topics.cluster, { id: 'lines', topics: named, value: text, until: 'latest' }),
        records,
      )
    await runToEnd(job(a), { storage })
    await runToEnd(job(a, b), { storage })
    expect(byPartition(records)).toEqual([`${a}-0: 1`, `${b}-0: 2`].sort())
    expect(await failure(run(job(b), { storage }))).toMatchObject({
      code: 'TOPIC_DROPPED',
      consequence: 'fatal',
      where: { topic: a, partition: 0, offset: 1 },
    })
  })

  describe('stops', () => {
    it('at the end, with everything committed, and reads on from there', async () => {
      const [topic, sinkTopic, name] = [await topics.create(2), await topics.create(), topics.name('job')]
      const [groupId, storage] = [topics.name('group'), memoryStorage()]
      await topics.append(topic, ['a', 'b'])
      const job = () =>
        copy(
          name,
          () => lines(topic, { groupId, until: 'latest' }),
          () => kafkaSink<string>(topics.cluster, { topic: sinkTopic, value: text }),
        )
      expect(await runToEnd(job(), { storage })).toEqual({ outcome: 'finished', checkpoint: 1 })
      expect(await read(sinkTopic)).toEqual([`${sinkTopic}-0: a b`])
      expect(await offsets(groupId, topic)).toEqual(['2', '0'])
      await topics.append(topic, ['c'])
      expect(await runToEnd(job(), { storage })).toEqual({ outcome: 'finished', checkpoint: 2 })
      expect(await read(sinkTopic)).toEqual([`${sinkTopic}-0: a b c`])
    })

    it('at the end of an empty topic', async () => {
      expect(await read(await topics.create(2))).toEqual([])
    })

    it('at an end that is an aborted transaction', async () => {
      const topic = await topics.create()
      await topics.append(topic, ['a'])
      const writer = await topics.transactional(topics.name('id'))
      await writer.send(topic, 0, ['never', 'ever'])
      await writer.end(false)
      expect(await read(topic)).toEqual([`${topic}-0: a`])
    })

    it('where what was asked for ends, and not in a record that came later', async () => {
      const topic = await topics.create()
      const writer = await topics.transactional(topics.name('id'))
      await topics.append(topic, ['a'])
      await writer.send(topic, 0, ['b'])
      const records: StreamRecord<string>[] = []
      const job = run(collect(topics.name('job'), () => lines(topic, { until: 'latest' }), records))
      await eventually(() => records.length > 0)
      await topics.append(topic, ['too late'])
      // Committed only now, so that the end that was there at the start is read together with what came later.
      await writer.end(true)
      await job.done
      expect(records.map(({ value }) => value)).toEqual(['a', 'b'])
    })

    it('at a value that it cannot decode, which the error names, and never restarts', async () => {
      const topic = await topics.create(2)
      await topics.append(topic, ['fine', { value: Buffer.from([0xff]) }], 1)
      const records: StreamRecord<string>[] = []
      const job = run(collect(topics.name('job'), () => lines(topic), records))
      const error = await failure(job)
      expect(error).toMatchObject({
        code: 'DECODE_FAILED',
        consequence: 'fatal',
        where: { topic, partition: 1, offset: 1 },
      })
      expect(error.message).toContain(topic)
      expect(job.seen.some(({ type }) => type === 'restarting')).toBe(false)
    })

    it('at a tombstone if the serde takes none, and at a key that it cannot decode', async () => {
      const topic = await topics.create()
      await topics.append(topic, [{ key: 'a', value: null }])
      expect(await failure(run(collect(topics.name('job'), () => lines(topic), [])))).toMatchObject({
        code: 'DECODE_FAILED',
        where: { topic, partition: 0, offset: 0 },
        hint: expect.stringContaining('nullable'),
      })
      const key = { encode: bytes.encode, decode: () => fail('no such key') }
      await topics.append(topic, ['b'])
      const from = [{ topic, partition: 0, offset: 1 }]
      const source = () => lines(topic, { key, startFrom: from })
      expect((await failure(run(collect(topics.name('job'), source, [])))).message).toContain('no such key')
    })

    it('before anything is written if a topic is missing', async () => {
      const [there, missing, name] = [await topics.create(), topics.name(), topics.name('job')]
      const source = () => kafkaSource(topics.cluster, { topics: [there, missing], value: text })
      const job = run(copy(name, source, () => kafkaSink<string>(topics.cluster, { topic: there, value: text })))
      const error = await failure(job)
      expect(error).toMatchObject({ code: 'TOPIC_MISSING', consequence: 'fatal', where: { topic: missing } })
      expect(job.seen.some(({ type }) => type === 'restarting')).toBe(false)
      expect(await topics.exists(`rxweft-${name}-ledger`)).toBe(false)
    })
  })

  async function offsets(groupId: string, topic: string): Promise<readonly string[]> {
    // A broker that has just started first makes the topic in which coordinators write.
    const [found] = await topics.admin.fetchOffsets({ groupId, topics: [topic] }).catch((error) => {
      if (error.retriable) return []
      throw error
    })
    const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
    return partitions.map(({ offset }) => offset)
  }

  async function addPartition(topic: string, count: number): Promise<void> {
    await topics.admin.createPartitions({ topicPartitions: [{ topic, count }] })
    const known = async () => (await topics.admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length
    await eventually(async () => (await known()) === count)
  }
})

function byPartition(records: readonly StreamRecord<string>[]): readonly string[] {
  const lines = new Map<string, string>()
  for (const { split, value } of records) {
    const place = `${split.topic}-${split.partition}`
    lines.set(place, `${lines.get(place) ?? `${place}:`} ${value}`)
  }
  return [...lines.values()].sort()
}

function fail(what: string): never {
  throw new Error(what)
}
