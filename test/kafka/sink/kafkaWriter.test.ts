import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import { createCredits } from '../../../src/credits.ts'
import type { RefusedRecord } from '../../../src/kafka/sending/salvage.ts'
import type { Enlisted, KafkaSession } from '../../../src/kafka/sessions/session.ts'
import { kafkaWriter } from '../../../src/kafka/sink/kafkaWriter.ts'
import type { Notice } from '../../../src/notice.ts'
import { FatalError, type RxweftError } from '../../../src/openErrors.ts'
import { type StreamRecord, streamRecord } from '../../../src/record.ts'
import { bytes } from '../../../src/serde/bytes.ts'
import { json } from '../../../src/serde/json.ts'
import { text } from '../../../src/serde/text.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'
import { thrownBy } from '../../../tools/support/thrown.ts'

const record = (size: number) => streamRecord(Buffer.alloc(size), 0, null, [], { topic: 't', partition: 0 }, 0)

/** A session that keeps the credits which each record is said to hold. */
async function writing({
  maxMessageBytes = Infinity,
  retention,
  holding = false,
  session: ofSession = {},
  ...options
}: {
  readonly maxMessageBytes?: number
  readonly retention?: number
  /** Nothing is acked before the test says so. */
  readonly holding?: boolean
  readonly session?: Partial<KafkaSession>
  readonly [option: string]: unknown
} = {}) {
  const held: number[] = []
  const credits = createCredits()
  const topics: string[] = []
  const timestamps: number[] = []
  const places: string[] = []
  const lane = (topic: string, partition: number) => ({
    append(...args: readonly unknown[]) {
      held.push(args[4] as number)
      topics.push(topic)
      timestamps.push(args[0] as number)
      places.push(`${topic}/${partition}`)
    },
  })
  let refuse: Parameters<Enlisted['onRefused']>[0] = () => undefined
  const settling: (() => void)[] = []
  const enlisted: Enlisted = {
    lane,
    seal: async () => undefined,
    settle: (then) => (holding ? void settling.push(then) : then()),
    onRefused(listener) {
      refuse = listener
    },
  }
  const session: KafkaSession = {
    topic: async () => ({ partitions: 1, maxMessageBytes, retention }),
    partitions: async (names) => new Map(names.map((name) => [name, 1])),
    ...ofSession,
    enlist: () => enlisted,
  }
  const clock = virtualClock()
  const notices: Notice[] = []
  const attempt = {
    ...{ credits, clock },
    tell: (notice: Notice) => notices.push(notice),
    fail: (error: unknown) => expect.unreachable(String(error)),
  } as unknown as AttemptContext
  const writer = await kafkaWriter<Buffer>(attempt, session, {
    topic: 't',
    value: bytes,
    operator: 'sink',
    ...options,
  } as never)
  const refused = (record: Partial<RefusedRecord>, sealed: number) => refuse(record as RefusedRecord, sealed)
  return { held, topics, timestamps, places, settling, credits, writer, clock, notices, refused }
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

  describe('to a topic that a record names', () => {
    const byValue = ({ value }: StreamRecord<Buffer>) => `t${value.length}`
    const gone = new FatalError('TOPIC_MISSING', 'the topic does not exist', { where: { topic: 'gone' } })

    async function named(missing: readonly string[]) {
      const asked: string[] = []
      const log: string[] = []
      const stage = await writing({
        topic: byValue,
        session: {
          async topic(name) {
            asked.push(name)
            if (missing.includes(name)) throw gone
            return { partitions: 1, maxMessageBytes: Infinity }
          },
        },
      })
      stage.writer.late?.onRefused(({ value, offset }, thrown, barriers) => {
        const { code, where, badRecord } = thrown as RxweftError
        log.push(
          `t${(value as Buffer).length} ${code} ${where.topic} ${where.offset === offset} ${badRecord} ${barriers}`,
        )
      })
      return { ...stage, asked, log, missing }
    }

    it('refuses the records of one that is missing, with their coordinates, and writes the others in order', async () => {
      const { writer, topics, credits, log, asked } = await named(['t2'])
      for (const size of [1, 2, 3, 2]) writer.write(record(size))
      const prepared = writer.prepare(1)
      writer.write(record(2))
      writer.write(record(1))
      await prepared
      await settle()
      expect(topics).toEqual(['t1', 't3', 't1'])
      expect(log).toEqual([
        't2 TOPIC_MISSING t true true 0',
        't2 TOPIC_MISSING t true true 0',
        't2 TOPIC_MISSING t true true 1',
      ])
      expect(asked).toEqual(['t1', 't2', 't3'])
      expect(credits.inFlight).toBe(3)
    })

    it('asks for all topics at once that the records which wait will need', async () => {
      const { writer, asked } = await named([])
      for (let size = 1; size <= 30; size++) writer.write(record(size))
      expect(asked).toHaveLength(30)
    })

    it('refuses at once what is for a topic just found to be missing, and looks again after a while', async () => {
      const { writer, topics, asked, missing, clock } = await named(['t2'])
      writer.write(record(2))
      await settle()
      expect(thrownBy(() => writer.write(record(2)))).toMatchObject({ code: 'TOPIC_MISSING', badRecord: true })
      expect(asked).toEqual(['t2'])
      ;(missing as string[]).pop()
      clock.advance(5_000)
      writer.write(record(2))
      await settle()
      expect([asked, topics]).toEqual([['t2', 't2'], ['t2']])
    })

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['a number', 7],
      ['an empty name', ''],
      ['a space', 'a b'],
      ['a letter that Kafka does not take', 'ключ'],
      ['250 letters', 'x'.repeat(250)],
      ['a folder', '..'],
      ['a topic of the brokers', '__consumer_offsets'],
    ])('refuses a name that can be none: %s', async (_, name) => {
      const { writer, held } = await writing({ topic: () => name })
      expect(thrownBy(() => writer.write(record(1)))).toMatchObject({
        ...{
          code: 'BAD_TOPIC_NAME',
          badRecord: true,
          where: { operator: 'sink', topic: 't', partition: 0, offset: 0 },
        },
      })
      expect(held).toEqual([])
    })
  })

  describe('the timestamp', () => {
    const times = { ...record(1), timestamp: 9.7, sourceTime: 3, writtenTime: 5 }
    it.each<[string, Partial<StreamRecord<Buffer>>, number]>([
      ['event', {}, 5],
      ['event', { writtenTime: undefined }, 9],
      ['source', {}, 3],
      ['source', { sourceTime: undefined }, 5],
      ['now', {}, 12],
    ])('is what `timestamps` says: %s, %o', async (timestamps, more, expected) => {
      const { writer, timestamps: written, clock } = await writing({ timestamps })
      clock.advance(12 - clock.now())
      writer.write({ ...times, ...more } as never)
      expect(written).toEqual([expected])
    })

    it('is that of the record, in whole ms, if the topic is in the middle of a job', async () => {
      const { writer, timestamps } = await writing({ repartition: true })
      writer.write(times as never)
      expect(timestamps).toEqual([9])
    })

    it.each([Number.NaN, Infinity, -Infinity, 2 ** 60])('of %d is refused', async (timestamp) => {
      const { writer, credits } = await writing()
      expect(thrownBy(() => writer.write({ ...record(1), timestamp }))).toMatchObject({
        ...{ code: 'BAD_TIMESTAMP', badRecord: true, where: { operator: 'sink', topic: 't', partition: 0, offset: 0 } },
      })
      expect(credits.inFlight).toBe(0)
    })

    it('below the retention of the topic is told of, once, with how many records have one', async () => {
      const { writer, notices, clock } = await writing({ retention: 1_000 })
      clock.advance(5_000)
      await writer.prepare(1)
      const base = clock.now() - 1_000
      for (const timestamp of [base - 1, base, base - 900, base + 1]) writer.write({ ...record(1), timestamp })
      await writer.prepare(2)
      writer.write({ ...record(1), timestamp: 0 })
      await writer.prepare(3)
      const told = { type: 'records-past-retention', operator: 'sink', topic: 't', records: 2, retention: 1_000 }
      expect(notices).toEqual([told])
    })
  })

  it.each<[string, Record<string, unknown>]>([
    ['a text', { headers: () => 'none' }],
    ['a text as a value', { headers: () => [{ name: 'a', value: 'text' }] }],
    ['no name', { headers: () => [{ name: undefined, value: null }] }],
    ['half a surrogate pair', { headers: () => [{ name: 'a\ud800', value: null }] }],
    ['null', { headers: () => [null] }],
  ])('refuses headers that cannot be headers, whatever types say: %s', async (_, options) => {
    const { writer, held, credits } = await writing(options)
    expect(thrownBy(() => writer.write(record(1)))).toMatchObject({ code: 'RECORD_NOT_WRITABLE', badRecord: true })
    expect([held, credits.inFlight]).toEqual([[], 0])
  })

  it.each([7, {}, undefined, 'text'])('refuses what a codec gives instead of bytes: %o', async (encoded) => {
    const { writer, held, credits } = await writing({ value: { encode: () => encoded } })
    expect(() => writer.write(record(1))).toThrow(TypeError)
    const keyed = await writing({ key: { encode: () => encoded } })
    expect(thrownBy(() => keyed.writer.write(record(1)))).toMatchObject({ code: 'KEY_NOT_ENCODABLE', badRecord: true })
    expect([held, credits.inFlight, keyed.credits.inFlight]).toEqual([[], 0, 0])
  })

  describe('a topic that gains partitions', () => {
    const chosen = ({ value }: StreamRecord<Buffer>) => value.length

    async function growing(options: Record<string, unknown> = {}) {
      let partitions = 2
      const session = { partitions: async () => new Map([['t', partitions]]) }
      const stage = await writing({ partitioner: chosen, session, ...options })
      return { ...stage, grow: (to: number) => (partitions = to) }
    }

    async function check({ clock, writer }: Awaited<ReturnType<typeof growing>>): Promise<void> {
      clock.advance(5_000)
      await writer.prepare(1)
      await settle()
    }

    it('has them used from the next look on', async () => {
      const stage = await growing()
      const { writer, places, grow } = stage
      grow(4)
      expect(() => writer.write(record(3))).toThrow('NO_SUCH_PARTITION')
      await check(stage)
      writer.write(record(3))
      expect(places).toEqual(['t/3'])
    })

    it('is not grown into if it is in the middle of a job: keys would leave their state', async () => {
      const stage = await growing({ repartition: true })
      stage.grow(4)
      await check(stage)
      expect(() => stage.writer.write(record(3))).toThrow('NO_SUCH_PARTITION')
    })

    it('never has fewer, and one that cannot be asked about stays as it is', async () => {
      const stage = await growing()
      stage.grow(0)
      await check(stage)
      stage.writer.write(record(0))
      expect(stage.places).toEqual(['t/0'])
      const failing = await writing({ session: { partitions: () => Promise.reject(new Error('unreachable')) } })
      failing.clock.advance(5_000)
      await failing.writer.prepare(1)
      failing.writer.write(record(1))
      expect(failing.held).toEqual([1])
    })
  })

  describe('what a broker refuses', () => {
    const error = new FatalError('INVALID_TIMESTAMP', 'Produce failed: out of range', { where: { topic: 'into' } })
    const refusal = {
      ...{ timestamp: 7, key: null, value: Buffer.from('{"a":1}'), headers: [], topic: 'into', reason: 'too far' },
      ...{ split: { topic: 'from', partition: 3 }, offset: 42, error },
    }

    it('is reported with its place, the value to be written, and the reason', async () => {
      const { writer, refused } = await writing({ value: json() })
      const heard: unknown[] = []
      writer.late?.onRefused((...of) => heard.push(of))
      refused(refusal, 2)
      expect(heard).toEqual([
        [
          expect.objectContaining({ value: { a: 1 }, key: null, timestamp: 7, split: refusal.split, offset: 42 }),
          expect.objectContaining({
            ...{ code: 'INVALID_TIMESTAMP', badRecord: true, message: expect.stringMatching(/topic into.*too far/) },
            where: { operator: 'sink', topic: 'from', partition: 3, offset: 42 },
          }),
          2,
        ],
      ])
    })

    it('is reported as bytes if they do not decode', async () => {
      const { writer, refused } = await writing({ value: { encode: json().encode, decode: () => expect.fail() } })
      const heard: unknown[] = []
      writer.late?.onRefused(({ value }) => heard.push(value))
      refused(refusal, 0)
      expect(heard).toEqual([refusal.value])
    })

    it('is known of before a barrier passes', async () => {
      const { writer, settling } = await writing({ holding: true })
      const log: string[] = []
      writer.write(record(1))
      await writer.prepare(1)
      writer.late?.whenKnown(() => log.push('passed'))
      expect(log).toEqual([])
      settling.shift()?.()
      expect(log).toEqual(['passed'])
    })
  })
})
