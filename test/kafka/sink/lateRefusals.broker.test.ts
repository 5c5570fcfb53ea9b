/** What a real broker refuses only when it gets it, and timestamps that it takes: judged by Java's consumer where the file says so. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { type DeadLetter, deadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../../src/job/badRecords/deadLetterJson.ts'
import { defineJob, type JobOptions } from '../../../src/job/defineJob.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import type { KafkaSinkOptions } from '../../../src/kafka/sink/kafkaSinkOptions.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { to } from '../../../src/operators/to.ts'
import { window } from '../../../src/operators/window.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { boundedOutOfOrderness, noWatermarks } from '../../../src/time/watermarks.ts'
import { tumbling } from '../../../src/time/windows.ts'
import { consoleConsume, oracleAvailable } from '../../../tools/support/consoleConsumer.ts'
import { cancelAll, collect, eventually, failure, run, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics, type Written } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')
const oracle = brokers.length > 0 && (await oracleAvailable())
const hour = 3_600_000

describe.skipIf(brokers.length === 0)('records that a broker refuses late', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  const sinkOf = (topic: KafkaSinkOptions<string>['topic'], more: Partial<KafkaSinkOptions<string>> = {}) =>
    kafkaSink<string>(topics.cluster, { topic, value: text, id: 'sink', ...more })

  function copying(from: string, sink: ReturnType<typeof sinkOf>, options: JobOptions, until?: 'latest') {
    const name = topics.name('job')
    const source = kafkaSource(topics.cluster, { topic: from, value: text, until, id: 'source' })
    return defineJob(name, ({ from: read }) => read(source, noWatermarks()).pipe(to(sink)), options)
  }

  async function filled(records: readonly Written[]): Promise<string> {
    const topic = await topics.create(1, {
      'message.timestamp.after.max.ms': '9223372036854775807',
      'max.message.bytes': '8000000',
    })
    await topics.append(topic, records)
    return topic
  }

  async function valuesOf(topic: string): Promise<readonly string[]> {
    const records: StreamRecord<string>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value: text, until: 'latest' })
    await runToEnd(collect(topics.name('job'), source, records))
    return records.map(({ value }) => value)
  }

  async function lettersOf(topic: string): Promise<readonly DeadLetter[]> {
    const records: StreamRecord<DeadLetter>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value: deadLetterJson, until: 'latest' })
    await runToEnd(collect(topics.name('job'), source, records))
    return records.map(({ value }) => value)
  }

  /** Kinds of refusals: how the topic is, and a record that it refuses. */
  const kinds: readonly (readonly [string, Record<string, string>, Exclude<Written, string>, code: string])[] = [
    [
      'a timestamp too far ahead',
      { 'message.timestamp.after.max.ms': `${hour}` },
      { key: 'k', value: 'bad', timestamp: Date.now() + 48 * hour },
      'INVALID_TIMESTAMP',
    ],
    [
      'a timestamp too old',
      { 'message.timestamp.before.max.ms': `${hour}` },
      { key: 'k', value: 'bad', timestamp: Date.now() - 48 * hour },
      'INVALID_TIMESTAMP',
    ],
    ['no key for a compacted topic', { 'cleanup.policy': 'compact' }, { key: null, value: 'bad' }, 'INVALID_RECORD'],
    [
      'a record larger than a segment',
      { 'segment.bytes': '1048576', 'max.message.bytes': '8000000' },
      { key: 'k', value: 'bad'.padEnd(1_500_000, '.') },
      'RECORD_LIST_TOO_LARGE',
    ],
  ]
  const good = (from: number): readonly Written[] =>
    Array.from({ length: 20 }, (_, at) => ({ key: 'k', value: `${from + at}` }))
  const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `${at}`)

  describe.each(kinds)('%s', (_, config, bad, code) => {
    const input = [...good(0), bad, ...good(20), bad, bad]

    it.each(['exactly-once', 'at-least-once'] as const)(
      'is skipped and counted, and nothing else lost: %s',
      async (guarantee) => {
        const [from, into] = [await filled(input), await topics.create(1, config)]
        const job = run(copying(from, sinkOf(into, { guarantee }), { onError: 'skip' }, 'latest'))
        await job.done
        expect(await valuesOf(into)).toEqual(numbers(40))
        expect(job.seen).toContainEqual(expect.objectContaining({ type: 'bad-records', skipped: 3 }))
        expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
      },
    )

    it('becomes a dead letter with its coordinates', async () => {
      const [from, into, dead] = [await filled(input), await topics.create(1, config), await topics.create(1)]
      const letters = kafkaSink<DeadLetter>(topics.cluster, { topic: dead, value: deadLetterJson, compression: 'gzip' })
      await runToEnd(copying(from, sinkOf(into), { onError: deadLetter(letters) }, 'latest'))
      expect(await valuesOf(into)).toEqual(numbers(40))
      const found = await lettersOf(dead)
      expect(found).toMatchObject(
        [20, 41, 42].map((offset) => ({
          ...{ topic: from, partition: 0, offset, operator: 'sink', code, value: bad.value },
        })),
      )
    })

    it('ends the job if that is the policy, with an error that names the record', async () => {
      const [from, into] = [await filled(input), await topics.create(1, config)]
      expect(await failure(run(copying(from, sinkOf(into), {}, 'latest')))).toMatchObject({
        ...{ code, consequence: 'fatal', where: { operator: 'sink', topic: from, partition: 0, offset: 20 } },
        message: expect.stringContaining(into),
      })
      expect(await valuesOf(into)).toEqual([])
    })
  })

  it('refuses an event time before 1970 for a topic that the broker compresses anew, and writes it elsewhere', async () => {
    const from = await filled(['a', 'old', 'b'])
    const times = boundedOutOfOrderness(0).withTimestamps<string>((value) =>
      value === 'old' ? -150_000_000_000 : 1e12,
    )
    const into = async (config: Record<string, string>): Promise<string> => {
      const topic = await topics.create(1, { 'retention.ms': '-1', ...config })
      const source = kafkaSource(topics.cluster, { topic: from, value: text, until: 'latest', id: 'source' })
      const name = topics.name('job')
      const copying = defineJob(name, ({ from: read }) => read(source, times).pipe(to(sinkOf(topic))), {
        onError: 'skip',
      })
      const job = run(copying)
      await job.done
      expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
      return topic
    }
    expect(await valuesOf(await into({ 'compression.type': 'gzip' }))).toEqual(['a', 'b'])
    expect(await valuesOf(await into({}))).toEqual(['a', 'old', 'b'])
  })

  it('skips what exceeds a limit that was lowered under the job', async () => {
    const [from, into] = [await filled(['0']), await topics.create()]
    const job = run(copying(from, sinkOf(into), { onError: 'skip' }))
    await job.checkpoints(1)
    const configEntries = [{ name: 'max.message.bytes', value: '20000' }]
    await topics.admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: into, configEntries }] })
    const other = await topics.transactional(topics.name('other'))
    const tooMuch = () =>
      other.send(into, 0, ['x'.repeat(50_000)]).then(
        () => false,
        () => true,
      )
    await eventually(tooMuch)
    await other.end(false)
    const padded = numbers(400).map((value) => value.padEnd(500, '.'))
    await topics.append(from, [...padded, 'L'.repeat(100_000), 'after'])
    await job.until('bad-records')
    await job.stop()
    expect(await valuesOf(into)).toEqual(['0', ...padded, 'after'])
    expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
  })

  it('refuses records for topics that are missing or misnamed, and writes the others', async () => {
    const [from, into] = [await filled(['a', 'missing', 'b', 'bad name', 'c', 'missing']), await topics.create()]
    const sink = sinkOf(({ value }) => (value === 'bad name' ? value : value === 'missing' ? `${into}-missing` : into))
    const job = run(copying(from, sink, { onError: 'skip' }, 'latest'))
    await job.done
    expect(await valuesOf(into)).toEqual(['a', 'b', 'c'])
    // Until a topic is known to be missing, a checkpoint may have come in between.
    const skipped = job.seen.map((event) => (event.type === 'bad-records' ? event.skipped : 0))
    expect(skipped.reduce((a, b) => a + b, 0)).toBe(3)
  })

  it.skipIf(!oracle)('a bounded run with daily windows ends, and dates each result by its latest record', async () => {
    const now = Date.now()
    const from = await filled([
      { key: 'k', value: '1', timestamp: now - 1_000 },
      { key: 'k', value: '2', timestamp: now },
    ])
    const into = await topics.create(1, { 'message.timestamp.after.max.ms': `${hour}` })
    const source = kafkaSource(topics.cluster, { topic: from, value: text, until: 'latest' })
    const job = defineJob(topics.name('job'), ({ from: read }) =>
      read(source, boundedOutOfOrderness(0)).pipe(
        keyBy(() => 'k'),
        window(tumbling(1000 * hour)).reduce((a, b) => a + b, { id: 'days' }),
        to(sinkOf(into)),
      ),
    )
    await runToEnd(job)
    expect(await consoleConsume(brokers, into)).toMatchObject([{ key: 'k', value: '12', timestamp: now }])
  })

  it.each(['exactly-once', 'at-least-once'] as const)('uses partitions that a topic gains: %s', async (guarantee) => {
    const [from, into] = [await filled(['0']), await topics.create(1)]
    const partitioner = ({ value }: StreamRecord<unknown>, partitions: number) => Number(value) % partitions
    const job = run(copying(from, sinkOf(into, { guarantee, partitioner }), {}))
    await job.checkpoints(1)
    await topics.admin.createPartitions({ topicPartitions: [{ topic: into, count: 3 }] })
    let next = 1
    const used = async () => {
      await topics.append(from, [`${next++}`])
      const offsets = await topics.admin.fetchTopicOffsets(into).catch(() => [])
      return offsets.length === 3 && offsets.every(({ offset }) => Number(offset) > 0)
    }
    await eventually(used)
    await job.stop()
    expect((await valuesOf(into)).map(Number).toSorted((a, b) => a - b)).toEqual(numbers(next).map(Number))
    expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
  })

  it('tells of records that the topic will not keep', async () => {
    const from = await filled([{ value: 'old', timestamp: 1_000 }, 'new', { value: 'older', timestamp: 5 }])
    const into = await topics.create(1, { 'retention.ms': `${hour}` })
    const job = run(copying(from, sinkOf(into), {}, 'latest'))
    await job.done
    expect(job.seen).toContainEqual({
      ...{ type: 'records-past-retention', operator: 'sink', topic: into, records: 2, retention: hour },
    })
  })
})
