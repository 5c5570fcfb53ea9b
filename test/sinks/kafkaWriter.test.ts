import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCredits } from '../../src/credits.ts'
import { type AttemptContext, type StreamRecord, streamRecord } from '../../src/element.ts'
import type { RxweftError } from '../../src/errors.ts'
import type { KafkaSession } from '../../src/kafka/session.ts'
import { bytes } from '../../src/serde/bytes.ts'
import { text } from '../../src/serde/text.ts'
import { kafkaWriter } from '../../src/sinks/kafkaWriter.ts'
import { thrownBy } from '../checkpoint/thrown.ts'

const record = (size: number) => streamRecord(Buffer.alloc(size), 0, null, [], { topic: 't', partition: 0 }, 0)

/** A session that keeps the credits which each record is said to hold. */
async function writing({
  maxMessageBytes = Infinity,
  ...options
}: {
  readonly maxMessageBytes?: number
  readonly [option: string]: unknown
} = {}) {
  const held: number[] = []
  const credits = createCredits()
  const topics: string[] = []
  const lane = (topic: string) => ({
    append(...args: readonly unknown[]) {
      held.push(args[4] as number)
      topics.push(topic)
    },
  })
  const session: KafkaSession = {
    topic: async () => ({ partitions: 1, maxMessageBytes }),
    enlist: () => ({ lane, seal: async () => undefined }),
  }
  const attempt = { credits, fail: (error: unknown) => expect.unreachable(String(error)) } as unknown as AttemptContext
  const writer = await kafkaWriter<Buffer>(attempt, session, {
    topic: 't',
    value: bytes,
    operator: 'sink',
    ...options,
  } as never)
  return { held, topics, credits, writer }
}

describe('the writer of a Kafka sink', () => {
  it('holds one credit for a record, and one more for each 4 KiB', async () => {
    const { held, credits, writer } = await writing()
    for (const size of [0, 100, 3_000, 4_096, 1_048_576]) writer.write(record(size))
    expect(held).toEqual([1, 1, 1, 2, 257])
    expect(credits.inFlight).toBe(262)
  })

  it('counts the bytes of a long text for that, and not what as many letters could have', async () => {
    const { held, writer } = await writing({ value: text })
    for (const value of ['a'.repeat(3_000), 'a'.repeat(10_000), 'é'.repeat(10_000)]) {
      writer.write({ ...record(0), value } as never)
    }
    expect(held).toEqual([1, 3, 5])
  })

  it('holds no credit for a record that it refuses', async () => {
    const { held, credits, writer } = await writing({ maxMessageBytes: 1_000 })
    expect(thrownBy(() => writer.write(record(2_000)))).toMatchObject({
      code: 'RECORD_TOO_LARGE',
      badRecord: true,
      where: { operator: 'sink', topic: 't', partition: 0, offset: 0 },
    })
    expect([held, credits.inFlight]).toEqual([[], 0])
  })

  it('takes a text that fits only since its letters need a byte each', async () => {
    const { held, writer } = await writing({ maxMessageBytes: 1_000, value: text })
    const written = (value: string) => ({ ...record(0), value }) as never
    writer.write(written('a'.repeat(900)))
    expect(held).toEqual([1])
    expect(thrownBy(() => writer.write(written('é'.repeat(900))))).toMatchObject({ code: 'RECORD_TOO_LARGE' })
    expect(held).toEqual([1])
  })

  it('takes a large record that fits once it is compressed, and refuses one that does not', async () => {
    const { held, writer } = await writing({ maxMessageBytes: 10_000, compression: 'gzip' })
    writer.write(record(100_000))
    expect(held).toHaveLength(1)
    const noise = { ...record(0), value: randomBytes(11_000) }
    expect(thrownBy(() => writer.write(noise))).toMatchObject({ code: 'RECORD_TOO_LARGE' })
  })

  it('writes each record to the topic that is named for it', async () => {
    const { topics, writer } = await writing({ topic: ({ value }: StreamRecord<Buffer>) => `t${value.length}` })
    for (const size of [1, 2, 2, 1, 1, 2]) writer.write(record(size))
    await writer.prepare(1)
    for (const size of [1, 1, 2, 1]) writer.write(record(size))
    expect(topics.join(' ')).toBe('t1 t2 t2 t1 t1 t2 t1 t1 t2 t1')
  })

  describe('to a topic that it does not know yet', () => {
    it('refuses records late, in order and before the barrier that follows them, and keeps none of their credits', async () => {
      const log: string[] = []
      const topic = ({ value }: StreamRecord<Buffer>) => `t${value.length % 2}`
      const { held, credits, writer } = await writing({ topic, maxMessageBytes: 1_000 })
      writer.late?.onRefused(({ value }, thrown) =>
        log.push(`${(value as Buffer).length} ${(thrown as RxweftError).code}`),
      )
      writer.late?.whenKnown(() => log.push('known 0'))
      for (const size of [2_000, 10, 2_001, 4_000]) writer.write(record(size))
      writer.late?.whenKnown(() => log.push('known 1'))
      const prepared = writer.prepare(1).then(() => log.push('prepared'))
      writer.write(record(6_000))
      expect(log).toEqual(['known 0'])
      expect(credits.inFlight).toBe(5)
      await prepared
      expect(log).toEqual([
        ...['known 0', '2000 RECORD_TOO_LARGE', '2001 RECORD_TOO_LARGE', '4000 RECORD_TOO_LARGE'],
        ...['known 1', '6000 RECORD_TOO_LARGE', 'prepared'],
      ])
      expect([held, credits.inFlight]).toEqual([[1], 1])
    })
  })
})
