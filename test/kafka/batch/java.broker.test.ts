import { Buffer } from 'node:buffer'
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Compression } from '../../../src/kafka/batch/compression.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { bytes } from '../../../src/serde/bytes.ts'
import { nullable } from '../../../src/serde/nullable.ts'
import { type JavaRecord, javaRead, javaWrite, recordLine } from '../../../tools/support/javaRecords.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { collect, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await javaAvailable())
const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const seed = Number(process.env.SEED ?? randomInt(2 ** 31))

const content = fc.oneof(
  fc.constant(null),
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  // Long enough for a length of two and three bytes, and for several blocks of snappy.
  fc.integer({ min: 60, max: 40_000 }).map((length) => Buffer.alloc(length, 'repeated ')),
  fc.uint8Array({ minLength: 100, maxLength: 3_000 }).map((array) => Buffer.from(array)),
)
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const header = fc.record({ name: text, value: content })
const record: fc.Arbitrary<Omit<JavaRecord, 'partition'>> = fc.record({
  // Far apart, and not in order: deltas are written as differences, also negative ones.
  timestamp: fc.integer({ min: 0, max: 1_700_000_000_000 }),
  key: content,
  value: content,
  headers: fc.array(header, { maxLength: 4 }),
})
/** One partition for each compression. */
const [records = []] = fc.sample(
  fc.array(fc.array(record, { minLength: 1, maxLength: 60 }), { minLength: 5, maxLength: 5 }),
  { seed, numRuns: 1 },
)
const all = records.flatMap((list, partition) => list.map((one) => ({ partition, ...one })))

describe.skipIf(!possible)(`record batches in every compression (SEED=${seed})`, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  it('are read by Java as they were written here', async () => {
    const topic = await topics.create(compressions.length)
    for (const [partition, compression] of compressions.entries()) {
      const its = records[partition] ?? []
      // Two batches, so that base offset and base timestamp are not always those of the first.
      await topics.append(topic, its.slice(0, 1), partition, compression)
      if (its.length > 1) await topics.append(topic, its.slice(1), partition, compression)
    }
    expect((await javaRead(brokers, topic)).map(recordLine)).toEqual(all.map(recordLine))
  })

  it('are read here as Java has written them', async () => {
    const topic = await topics.create(compressions.length)
    await javaWrite(brokers, topic, compressions, all)
    const read: StreamRecord<Buffer | null>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value: nullable(bytes), until: 'latest' })
    await runToEnd(collect(topics.name('job'), source, read))
    const sorted = read.sort((a, b) => a.split.partition - b.split.partition)
    expect(
      sorted.map(({ split, timestamp, key, value, headers }) => {
        return recordLine({ partition: split.partition, timestamp, key: key as Buffer | null, value, headers })
      }),
    ).toEqual(all.map(recordLine))
  })
})
