/**
 * The Java programs of the benches, on a real broker: they report exactly the faults that the
 * topics have.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { type Jvm, type JvmOrReason, jvmOrReason, type Verified } from '../../bench/jvm/jvm.ts'
import { type ReadRecord, readCommitted } from '../../examples/demo/readCommitted.ts'
import { uppercase } from '../../examples/uppercase.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../src/record.ts'
import { text } from '../../src/serde/text.ts'
import { cancelAll, collect, run, runToEnd } from '../../tools/support/jobs.ts'
import { type Topics, testTopics, type Written } from '../../tools/support/topics.ts'

const brokers = inject('brokers')
const list = brokers.join(',')
const found: JvmOrReason = brokers.length > 0 ? await jvmOrReason() : { reason: 'no broker' }
if ('reason' in found) console.log(`tests of bench/jvm skipped: ${found.reason}`)
const jvm = 'jvm' in found ? found.jvm : (undefined as unknown as Jvm)
const partitions = 3
const feed = { brokers: list, partitions, records: 301, valueBytes: 60 }
const appended = { 'message.timestamp.type': 'LogAppendTime' }
const zeros = { missing: 0, doubled: 0, reordered: 0, foreign: 0, undecided: 0 }

describe.skipIf('reason' in found)('the Java programs of the benches', { timeout: 120_000 }, () => {
  let topics: Topics
  let folder: string
  /** Fed once. */
  let source: string
  let records: readonly ReadRecord[]

  beforeAll(async () => {
    topics = await testTopics(brokers)
    folder = await mkdtemp(join(tmpdir(), 'rxweft-jvm-'))
    source = await topics.create(partitions)
    await jvm.feed({ ...feed, topic: source, compression: 'zstd' })
    records = await readCommitted(brokers, source)
  })

  afterEach(cancelAll)
  afterAll(async () => {
    await topics.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What partition 0 of the sink should have, and so on. */
  const upper = (partition: number): string[] =>
    records.filter((record) => record.partition === partition).map(({ value }) => (value as string).toUpperCase())

  async function sinkWith(...partitionsOfIt: readonly (readonly Written[])[]): Promise<string> {
    const sink = await topics.create(partitions, appended)
    for (const [partition, values] of partitionsOfIt.entries()) await topics.append(sink, values, partition)
    return sink
  }

  const verified = (sink: string): Promise<Verified> =>
    jvm.verify({ brokers: list, source, sink, transform: 'uppercase' })

  it('feed each partition with numbered lower-case text of one length, the same each time', async () => {
    const of = (partition: number) => records.filter((record) => record.partition === partition)
    expect([0, 1, 2].map((partition) => of(partition).length)).toEqual([101, 100, 100])
    for (const partition of [0, 1, 2]) {
      for (const [number, { value }] of of(partition).entries()) {
        expect(value).toHaveLength(60)
        expect(value).toMatch(/^\d{4}-\d{10} [a-z ]+$/)
        expect(value?.slice(0, 16)).toBe(`000${partition}-${String(number).padStart(10, '0')} `)
      }
    }
    const again = await topics.create(partitions)
    await jvm.feed({ ...feed, topic: again, compression: 'none', keys: 5 })
    expect(await readCommitted(brokers, again)).toEqual(records)
    const keyed: StreamRecord<string>[] = []
    const keyedSource = () => kafkaSource(topics.cluster, { topic: again, value: text, until: 'latest' })
    await runToEnd(collect(topics.name('job'), keyedSource, keyed))
    const keys = new Set(keyed.map(({ key }) => String(key)))
    expect([...keys].sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
  })

  it('find nothing in a faithful copy, and tell by when how much of it was there', async () => {
    const before = Date.now()
    const { series, ...found } = await verified(await sinkWith(upper(0), upper(1), upper(2)))
    expect(found).toEqual({ ...zeros, records: 301, expected: 301 })
    const [first, last] = [series[0], series.at(-1)]
    expect([first?.[1], last?.[1]]).toEqual([0, 301])
    expect(first?.[0]).toBeGreaterThanOrEqual(before)
    expect(last?.[0]).toBeLessThanOrEqual(Date.now())
  })

  it('find one record that is missing and one that is foreign', async () => {
    const foreign = upper(1).flatMap((value, number) => (number === 7 ? [value, `${value.slice(0, -1)}!`] : [value]))
    const found = await verified(await sinkWith(upper(0).slice(0, -1), foreign, upper(2)))
    expect(found).toMatchObject({ ...zeros, records: 301, missing: 1, foreign: 1 })
  })

  it('find one record that is doubled and two that are reordered', async () => {
    const [first = '', second = '', third = '', ...rest] = upper(1)
    const reordered = [third, first, second, ...rest]
    const found = await verified(await sinkWith([...upper(0), ...upper(0).slice(-3, -2)], reordered, upper(2)))
    expect(found).toMatchObject({ ...zeros, records: 302, doubled: 1, reordered: 2 })
  })

  it('find a record without a key that has gone to another partition than the others', async () => {
    const found = await verified(await sinkWith([...upper(0), ...upper(2).slice(-1)], upper(1), upper(2).slice(0, -1)))
    expect(found).toMatchObject({ ...zeros, records: 301, reordered: 1 })
  })

  it('do not count what was aborted, and tell what is undecided', async () => {
    const sink = await topics.create(partitions, appended)
    const aborting = await topics.transactional(topics.name('aborting'))
    await aborting.send(sink, 0, upper(0))
    await aborting.end(false)
    for (let partition = 0; partition < partitions; partition++) await topics.append(sink, upper(partition), partition)
    const open = await topics.transactional(topics.name('open'))
    await open.send(sink, 1, upper(1).slice(0, 7))
    expect(await verified(sink)).toMatchObject({ ...zeros, records: 301, undecided: 7 })
    await open.end(false)
  })

  it('reject a source that feed has not written', async () => {
    const other = await topics.create(1)
    await topics.append(other, ['what somebody else wrote'])
    const verifying = jvm.verify({ brokers: list, source: other, sink: source, transform: 'uppercase' })
    await expect(verifying).rejects.toThrow('the source has what feed did not write')
  })

  describe('with words', () => {
    /** By word, how often it is in the source. */
    const counts = new Map<string, number>()
    let words: string

    beforeAll(async () => {
      words = await topics.create(2)
      const options = { partitions: 2, records: 1_000, words: 100, everyWordOnce: true }
      await jvm.feedWords({ brokers: list, topic: words, ...options })
      for (const { value } of await readCommitted(brokers, words))
        counts.set(value as string, (counts.get(value as string) ?? 0) + 1)
    })

    const verifiedCounts = async (counted: readonly Written[]) => {
      const sink = await topics.create(1, appended)
      await topics.append(sink, counted)
      return jvm.verifyCounts({ brokers: list, source: words, sink })
    }

    /** What a job writes that counts each record. */
    const eachCount = (word: string): { key: string; value: string }[] =>
      Array.from({ length: counts.get(word) ?? 0 }, (_, index) => ({ key: word, value: String(index + 1) }))

    it('feed each word, and find nothing wrong with right counts', async () => {
      expect([...counts.keys()].sort()).toEqual(Array.from({ length: 100 }, (_, word) => `w${word}`).sort())
      const verified = await verifiedCounts([...counts.keys()].flatMap(eachCount))
      const none = { missing: 0, wrong: 0, notRising: 0, foreign: 0, undecided: 0 }
      expect(verified).toMatchObject({ ...none, records: 1_000, expected: 1_000, words: 100 })
      expect(verified.series.at(-1)?.[1]).toBe(1_000)
    })

    it('find a word that is missing, one that is wrong, one that did not rise, and one that is foreign', async () => {
      const [missing = '', wrong = '', falling = '', ...right] = counts.keys()
      const verified = await verifiedCounts([
        ...right.flatMap(eachCount),
        ...eachCount(wrong).slice(0, -1),
        ...[{ key: falling, value: '1' }, { key: falling, value: '1' }, ...eachCount(falling).slice(1)],
        { key: 'w100', value: '1' },
        { key: right[0] as string, value: 'many' },
      ])
      expect(counts.get(missing)).toBeGreaterThan(0)
      expect(verified).toMatchObject({ words: 100, missing: 1, wrong: 1, notRising: 1, foreign: 2 })
    })
  })

  it('measure the latency of our job, and leave a source that can be verified', async () => {
    const options = { source: await topics.create(partitions), sink: await topics.create(partitions, appended) }
    run(uppercase(topics.cluster, { name: topics.name('job'), startFrom: 'earliest', ...options }), {
      checkpointing: { interval: 50 },
    })
    const measure = { rate: 300, seconds: 2, warmupSeconds: 1, valueBytes: 60 }
    const latency = await jvm.latency({ brokers: list, ...options, ...measure })
    expect(latency).toMatchObject({ count: 600, missing: 0, doubled: 0 })
    const { p50, p90, p99, p999, max } = latency
    expect(p50).toBeGreaterThan(0)
    expect([p50, p90, p99, p999, max]).toEqual([p50, p90, p99, p999, max].sort((a, b) => a - b))
    const found = await jvm.verify({ brokers: list, ...options, transform: 'uppercase' })
    expect(found).toMatchObject({ ...zeros, records: 900, expected: 900 })
  })

  describe('with peers', () => {
    let many: string

    beforeAll(async () => {
      many = await topics.create(partitions)
      const size = { records: 20_000, valueBytes: 100, batchBytes: 10_000 }
      await jvm.feed({ brokers: list, topic: many, partitions, compression: 'lz4', ...size })
    })

    it.concurrent.for(['streams', 'flink'] as const)(
      'upper-case 20,000 records with %s',
      async (kind, { onTestFinished }) => {
        const sink = await topics.create(partitions, appended)
        const watch = await jvm.watch({ brokers: list, topic: sink })
        const checkpoints = join(folder, kind)
        const ways = { interval: 200, compression: 'lz4', parallelism: 1, tuned: true, checkpoints } as const
        const peer = await jvm.peer(kind, { brokers: list, source: many, sink, id: topics.name(kind), ...ways })
        onTestFinished(() => Promise.all([watch.stop(), peer.stop()]).then(() => undefined))
        const seen = vi.waitFor(() => expect(watch.seen.at(-1)?.[1]).toBe(20_000), { timeout: 100_000 })
        await Promise.race([seen, peer.exit.then(({ said }) => expect.fail(said))])
        await watch.stop()
        expect(await peer.stop()).toMatchObject({ code: 143 })
        const found = await jvm.verify({ brokers: list, source: many, sink, transform: 'uppercase' })
        expect(found).toMatchObject({ ...zeros, records: 20_000, expected: 20_000 })
      },
    )
  })
})
