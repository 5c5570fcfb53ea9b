import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { ProtocolStep } from '../../../src/attempt.ts'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { noRestart } from '../../../src/job/restart.ts'
import type { Compression } from '../../../src/kafka/batch/compression.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import type { KafkaSinkOptions } from '../../../src/kafka/sink/kafkaSinkOptions.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { filter } from '../../../src/operators/filter.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { nullable } from '../../../src/serde/nullable.ts'
import { text } from '../../../src/serde/text.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import { consoleConsume, oracleAvailable } from '../../../tools/support/consoleConsumer.ts'
import { cancelAll, collect, copy, eventually, failure, run, runToEnd } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics, type Written } from '../../../tools/support/topics.ts'
import { rawBatches } from '../rawBatches.ts'
import { seeded } from '../seeded.ts'

const brokers = inject('brokers')
const oracle = brokers.length > 0 && (await oracleAvailable())
const line = nullable(text)
const never = { checkpointing: { interval: 60_000 } }

describe.skipIf(brokers.length === 0)('the Kafka sink on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  type Options = Partial<KafkaSinkOptions<string | null>>

  const sink = (topic: KafkaSinkOptions<string | null>['topic'], more: Options = {}) =>
    kafkaSink<string | null>(topics.cluster, { topic, value: line, ...more })
  const source = (topic: string, until?: 'latest') => kafkaSource(topics.cluster, { topic, value: line, until })

  /** Reads all of a topic and writes it with these options. */
  const copied = (from: string, into: KafkaSinkOptions<string | null>['topic'], more: Options = {}) =>
    copy(
      topics.name('job'),
      () => source(from, 'latest'),
      () => sink(into, more),
    )

  /** The same, for ever. */
  const copying = (from: string, into: KafkaSinkOptions<string | null>['topic'], more: Options = {}) =>
    copy(
      topics.name('job'),
      () => source(from),
      () => sink(into, more),
    )

  async function filled(records: readonly Written[], partitions = 1, partition = 0): Promise<string> {
    const topic = await topics.create(partitions)
    await topics.append(topic, records, partition)
    return topic
  }

  /** The values that are committed, in order, partition after partition. */
  async function values(topic: string): Promise<readonly (string | null)[]> {
    const records: StreamRecord<string | null>[] = []
    await runToEnd(collect(topics.name('job'), () => source(topic, 'latest'), records))
    return records.sort((a, b) => a.split.partition - b.split.partition).map(({ value }) => value)
  }

  const written = async (topic: string) => sum(await topicEnds(brokers, topic, 'read_uncommitted'))

  it.skipIf(!oracle)(
    'writes keys, values, headers, timestamps and tombstones in every compression, as Java reads them',
    async () => {
      const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
      const headers = [
        { name: 'trace', value: Buffer.from('1') },
        { name: 'trace', value: Buffer.from('2') },
        { name: 'none', value: null },
      ]
      const many = Array.from({ length: 2_000 }, (_, at) => ({
        key: `${at % 7}`,
        value: `value ${at}`,
        timestamp: 1_000 + at,
      }))
      const from = await filled([
        { key: 'k', value: 'v', timestamp: 1_700_000_000_001, headers },
        { key: 'gone', value: null, timestamp: 1_700_000_000_000 },
        { key: null, value: '', timestamp: 5 },
        ...many,
      ])
      const into = await topics.create(compressions.length)
      for (const [at, compression] of compressions.entries()) {
        await runToEnd(copied(from, into, { compression, partitioner: () => at }))
        const batches = await rawBatches(topics.cluster, into, at)
        expect(
          batches.map((batch) => batch.compression),
          compression,
        ).toEqual(batches.map(() => at))
      }
      const read = await consoleConsume(brokers, into)
      for (const at of compressions.keys()) {
        const its = read.filter(({ partition }) => partition === at).map(({ offset, partition, ...rest }) => rest)
        expect(its.slice(0, 3)).toEqual([
          {
            timestamp: 1_700_000_000_001,
            key: 'k',
            value: 'v',
            headers: [
              ['trace', '1'],
              ['trace', '2'],
              ['none', null],
            ],
          },
          { timestamp: 1_700_000_000_000, key: 'gone', value: null, headers: [] },
          { timestamp: 5, key: null, value: '', headers: [] },
        ])
        expect(its.slice(3)).toEqual(many.map((record) => ({ ...record, headers: [] })))
      }
    },
  )

  describe('exactly-once', () => {
    it('shows nothing to a read_committed reader before the checkpoint, and everything after it', async () => {
      const [from, into] = [await filled(['a', 'b']), await topics.create()]
      const job = run(copying(from, into), never)
      await eventually(async () => (await written(into)) === 2)
      expect(await topicEnds(brokers, into, 'read_committed')).toEqual([0])
      await job.stop()
      expect(await values(into)).toEqual(['a', 'b'])
    })

    it('writes two sinks in one transaction: when it fails at the last moment, neither shows anything', async () => {
      const [from, a, b] = [await filled(['a', 'b']), await topics.create(), await topics.create()]
      const storage = memoryStorage()
      const job = defineJob(topics.name('job'), ({ from: read }) => {
        const records = read(source(from, 'latest'), noWatermarks())
        return [records.pipe(to(sink(a))), records.pipe(to(sink(b)))]
      })
      const probe = (step: ProtocolStep): void => {
        if (step === 'ending') throw new RetriableError('TEST', 'just before the decision')
      }
      expect(await failure(run(job, { storage, probe, restart: noRestart() }))).toMatchObject({ code: 'TEST' })
      expect([await written(a), await written(b)].every((records) => records >= 2)).toBe(true)
      expect([...(await values(a)), ...(await values(b))]).toEqual([])
      await runToEnd(job, { storage })
      expect([await values(a), await values(b)]).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ])
    })

    it('shows nothing of a sink that was fine when the broker refuses what another one writes', async () => {
      const random = seeded(1)
      const noise = String.fromCharCode(...Array.from({ length: 20_000 }, () => 32 + random(95)))
      const [from, fine, narrow] = [await filled(['a']), await topics.create(), await topics.create()]
      const job = defineJob(topics.name('job'), ({ from: read }) => {
        const records = read(source(from), noWatermarks())
        return [records.pipe(to(sink(fine))), records.pipe(to(sink(narrow)))]
      })
      const running = run(job, never)
      await running.until('restored')
      // The sink has asked for the limit when it was opened, so now only the broker knows.
      const configEntries = [{ name: 'max.message.bytes', value: '5000' }]
      await topics.admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: narrow, configEntries }] })
      const other = await topics.transactional(topics.name('other'))
      const refused = () =>
        other.send(narrow, 0, [noise]).then(
          () => false,
          () => true,
        )
      await eventually(refused)
      await other.end(false)
      await topics.append(from, [noise])
      const error = await failure(running)
      expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', consequence: 'fatal', where: { topic: from } })
      expect(error.message).toContain(narrow)
      expect(error.hint).toContain('max.message.bytes')
      expect(await values(fine)).toEqual([])
    })

    it('refuses a transaction timeout that a checkpoint may exceed, and leaves nothing behind', async () => {
      const [from, into] = [await filled(['a']), await topics.create()]
      const checkpointing = { interval: 1_000, timeout: 9_000 }
      for (const transactionTimeout of [9_999, 10_000]) {
        const job = copied(from, into, { transactionTimeout })
        expect(await failure(run(job, { checkpointing }))).toMatchObject({
          code: 'TRANSACTION_TIMEOUT_TOO_SHORT',
          consequence: 'fatal',
          hint: expect.stringContaining('transactionTimeout'),
        })
        expect(await topics.exists(`rxweft-${job.name}-ledger`)).toBe(false)
      }
      expect(await runToEnd(copied(from, into, { transactionTimeout: 10_001 }), { checkpointing })).toMatchObject({
        outcome: 'finished',
      })
    })

    it('refuses a transaction timeout above what the broker allows, and leaves nothing behind', async () => {
      const [from, into] = [await filled(['a']), await topics.create()]
      const job = copied(from, into, { transactionTimeout: 900_001 })
      const error = await failure(run(job))
      expect(error).toMatchObject({ code: 'INVALID_TRANSACTION_TIMEOUT', consequence: 'fatal' })
      expect(error.hint).toContain('transaction.max.timeout.ms')
      expect(await topics.exists(`rxweft-${job.name}-ledger`)).toBe(false)
      expect(await written(into)).toBe(0)
    })

    it('refuses a topic that is missing, and leaves nothing behind', async () => {
      const [from, into] = [await filled(['a']), topics.name()]
      const job = copied(from, into)
      expect(await failure(run(job))).toMatchObject({
        code: 'TOPIC_MISSING',
        consequence: 'fatal',
        where: { topic: into },
      })
      expect(await topics.exists(`rxweft-${job.name}-ledger`)).toBe(false)
    })
  })

  describe.each(['at-least-once', 'none'] as const)('with guarantee %s', (guarantee) => {
    it.each(['all', 1] as const)('shows records before the checkpoint, with acks %s', async (acks) => {
      const [from, into] = [await filled(['a', 'b']), await topics.create()]
      const copies = copying(from, into, { guarantee, acks })
      const job = run(copies, never)
      await eventually(async () => (await topicEnds(brokers, into, 'read_committed'))[0] === 2)
      expect(job.seen.filter(({ type }) => type.startsWith('checkpoint'))).toEqual([])
      await topics.append(from, ['c'])
      await eventually(async () => (await written(into)) === 3)
      await job.stop()
      expect(await values(into)).toEqual(['a', 'b', 'c'])
      expect(await topics.exists(`rxweft-${copies.name}-ledger`)).toBe(false)
    })
  })

  it('with at-least-once has every record acked before the checkpoint is stored', async () => {
    const all = Array.from({ length: 500 }, (_, at) => `${at}`)
    const [from, into] = [await filled(all), await topics.create()]
    let ends: Promise<number> | undefined
    const job = copied(from, into, { guarantee: 'at-least-once', linger: 10_000 })
    await runToEnd(job, {
      probe(step) {
        if (step === 'prepared') ends = written(into)
      },
    })
    expect(await ends).toBe(500)
    expect(await values(into)).toEqual(all)
  })

  describe('topics', () => {
    it('are chosen by record, and each keeps its order', async () => {
      const all = Array.from({ length: 100 }, (_, at) => `${at}`)
      const [from, even, odd] = [await filled(all), await topics.create(), await topics.create(3)]
      await runToEnd(copied(from, ({ value }) => (Number(value) % 2 === 0 ? even : odd)))
      expect(await values(even)).toEqual(all.filter((_, at) => at % 2 === 0))
      expect(await values(odd)).toEqual(all.filter((_, at) => at % 2 === 1))
    })

    it('that do not exist stop the job when a record is for them, and what came before is not committed', async () => {
      const [from, into, missing] = [await filled(['a', 'b']), await topics.create(), topics.name()]
      const job = run(copied(from, ({ value }) => (value === 'b' ? missing : into)))
      const error = await failure(job)
      expect(error).toMatchObject({ code: 'TOPIC_MISSING', consequence: 'fatal', where: { topic: from, offset: 1 } })
      expect(error.message).toContain(missing)
      expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
      expect(await values(into)).toEqual([])
    })
  })

  describe('batches', () => {
    // The first record of an attempt never waits: a sink may hold one, until it is seen how long that takes (src/pace.ts).
    it('go out at once without linger, and wait for each other with it', async () => {
      for (const [linger, expected] of [
        [0, [1, 1, 1]],
        [10_000, [1, 2]],
      ] as const) {
        const [from, into] = [await filled(['a']), await topics.create()]
        const taken: unknown[] = []
        const job = defineJob(topics.name('job'), ({ from: read }) =>
          read(source(from), noWatermarks()).pipe(
            filter((value) => taken.push(value) > 0),
            to(sink(into, { linger })),
          ),
        )
        const running = run(job, never)
        await eventually(async () => taken.length === 1 && (await written(into)) === 1)
        await topics.append(from, ['b'])
        await eventually(async () => taken.length === 2 && (linger > 0 || (await written(into)) === 2))
        if (linger > 0) expect(await written(into)).toBe(1)
        await topics.append(from, ['c'])
        await eventually(() => taken.length === 3)
        await running.stop()
        expect((await rawBatches(topics.cluster, into)).map(({ records }) => records)).toEqual(expected)
      }
    })

    it('are sent when linger is over, although nothing else happens', async () => {
      const [from, into] = [await filled(['a']), await topics.create()]
      run(copying(from, into, { linger: 50 }), never)
      await eventually(async () => (await written(into)) === 1)
    })

    it('are no larger than batchBytes, and nearly as large', async () => {
      const all = Array.from({ length: 3_000 }, (_, at) => `${at} ${'x'.repeat(90)}`)
      const [from, into] = [await filled(all), await topics.create()]
      await runToEnd(copied(from, into, { batchBytes: 4_096 }))
      const batches = await rawBatches(topics.cluster, into)
      expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4_096)
      // 75 would hold all; the first ones are small.
      expect(batches.length).toBeLessThan(100)
      expect(await values(into)).toEqual(all)
    })

    it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
      'of %s are no larger than the topic takes, whatever is in them',
      async (compression) => {
        const random = seeded(7)
        const noise = () => String.fromCharCode(...Array.from({ length: 3_321 }, () => random(256)))
        // Sixty of these fill a batch just so; compressed, it is larger.
        const all = Array.from({ length: 180 }, () => ({ value: noise(), timestamp: 1 }))
        const [from, into] = [await topics.create(), await topics.create(1, { 'max.message.bytes': '199888' })]
        for (const at of [0, 90]) await topics.append(from, all.slice(at, at + 90))
        const latin = { encode: (value: string | null) => Buffer.from(value ?? '', 'latin1'), decode: line.decode }
        await runToEnd(copied(from, into, { compression, value: latin }))
        const records = async () => sum((await rawBatches(topics.cluster, into)).map((batch) => batch.records))
        await eventually(async () => (await records()) === 180)
      },
    )
  })

  describe('a record that is larger than the topic takes', () => {
    const large = 'x'.repeat(50_000)

    it('stops the job with its place in the source, and nothing is written', async () => {
      const from = await filled(['a', large], 2, 1)
      const into = await topics.create(1, { 'max.message.bytes': '20000' })
      const error = await failure(run(copied(from, into)))
      expect(error).toMatchObject({
        code: 'RECORD_TOO_LARGE',
        consequence: 'fatal',
        where: { topic: from, partition: 1, offset: 1 },
      })
      expect(error.message).toContain('20000')
      expect(error.hint).toContain('max.message.bytes')
      expect(await values(into)).toEqual([])
    })

    it('is written if compression makes it small enough', async () => {
      const from = await filled([large])
      const into = await topics.create(1, { 'max.message.bytes': '20000' })
      await runToEnd(copied(from, into, { compression: 'gzip' }))
      expect(await values(into)).toEqual([large])
    })

    it('is no such record if the topic takes more than brokers do by default', async () => {
      const huge = 'y'.repeat(2_000_000)
      const [from, into] = [
        await topics.create(1, { 'max.message.bytes': '3000000' }),
        await topics.create(1, { 'max.message.bytes': '3000000' }),
      ]
      await topics.append(from, [huge, 'after'])
      await runToEnd(copied(from, into))
      expect(await values(into)).toEqual([huge, 'after'])
    })
  })

  describe('partitions', () => {
    it('are those of the key by default, of the source without a key, and what a partitioner says', async () => {
      const from = await topics.create(3)
      for (const partition of [0, 1, 2]) {
        await topics.append(from, [{ key: 'same', value: `k${partition}` }, `n${partition}`], partition)
      }
      const [byKey, same, mine] = [await topics.create(3), await topics.create(3), await topics.create(3)]
      await runToEnd(copied(from, byKey))
      await runToEnd(copied(from, same, { partitioner: samePartition }))
      await runToEnd(
        copied(from, mine, { partitioner: (_record, partitions, key) => (key === null ? partitions - 1 : 0) }),
      )
      const records: StreamRecord<string | null>[] = []
      const read = () => kafkaSource(topics.cluster, { topics: [byKey, same, mine], value: line, until: 'latest' })
      await runToEnd(collect(topics.name('job'), read, records))
      const placed = (topic: string) => {
        const its = records.filter(({ split }) => split.topic === topic)
        return its.map(({ value, split }) => `${value}@${split.partition}`).sort()
      }
      const keyed = records.find(({ split, value }) => split.topic === byKey && value === 'k0')?.split.partition
      expect(placed(byKey)).toEqual([`k0@${keyed}`, `k1@${keyed}`, `k2@${keyed}`, 'n0@0', 'n1@1', 'n2@2'])
      expect(placed(same)).toEqual(['k0@0', 'k1@1', 'k2@2', 'n0@0', 'n1@1', 'n2@2'])
      expect(placed(mine)).toEqual(['k0@0', 'k1@0', 'k2@0', 'n0@2', 'n1@2', 'n2@2'])
    })

    it.each([3, -1, 0.5, Number.NaN])(
      'that do not exist (%s) stop the job with the place of the record',
      async (partition) => {
        const [from, into] = [await filled(['a']), await topics.create(3)]
        expect(await failure(run(copied(from, into, { partitioner: () => partition })))).toMatchObject({
          code: 'NO_SUCH_PARTITION',
          consequence: 'fatal',
          where: { topic: from, partition: 0, offset: 0 },
        })
      },
    )
  })

  it('writes the headers and keys that its options say', async () => {
    const [from, into] = [await filled([{ key: 'a', value: 'v' }]), await topics.create()]
    const key = { encode: (read: Buffer) => Buffer.from(`${read}!`), decode: () => null as never }
    await runToEnd(
      copied(from, into, { key, headers: ({ value }) => [{ name: 'h', value: Buffer.from(value ?? '') }] }),
    )
    const records: StreamRecord<string | null>[] = []
    await runToEnd(collect(topics.name('job'), () => source(into, 'latest'), records))
    expect(records).toMatchObject([{ key: Buffer.from('a!'), headers: [{ name: 'h', value: Buffer.from('v') }] }])
  })

  it('stops at a value that its serde does not encode, with the place of the record', async () => {
    const [from, into] = [await filled(['a']), await topics.create()]
    const value = { encode: () => refuse(), decode: line.decode }
    const error = await failure(run(copied(from, into, { value })))
    expect(error).toMatchObject({ consequence: 'fatal', where: { topic: from, partition: 0, offset: 0 } })
    expect(error.message).toContain('not that')
  })
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

function refuse(): never {
  throw new TypeError('not that')
}
