import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import type { SourceReader } from '../../src/contracts/source.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import type { EmbeddedSourceOptions } from '../../src/embedded/embeddedReader.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { type SplitOffset, streamRecord } from '../../src/record.ts'
import { nullable } from '../../src/serde/nullable.ts'
import { text } from '../../src/serde/text.ts'
import { partitionOfKey } from '../../src/sinks/partitioner.ts'
import { settle, type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'
import { rejectionOf, thrownBy } from '../../tools/support/thrown.ts'
import { failing } from '../kafka/source/refusing.ts'
import { slowSerde } from '../serde/slowSerde.ts'
import { openLog, temporaryLog } from './temporaryLog.ts'

type Options = Partial<EmbeddedSourceOptions<string>>

async function open(log: EmbeddedLog, options: Options = {}, clock = virtualClock()): Promise<SourceReader<string>> {
  const topic = options.topics === undefined ? { topic: 't' } : {}
  return embeddedSource(log, { ...topic, value: text, ...options }).open({
    clock,
    shard: 0,
    slots: [0],
  } as unknown as AttemptContext)
}

/** Positioned as for the first start of a job. */
async function started(log: EmbeddedLog, options: Options = {}, clock?: VirtualClock): Promise<SourceReader<string>> {
  const reader = await open(log, options, clock)
  await reader.seek(await reader.resolve())
  return reader
}

/** Everything that there is now: "value@partition:offset". */
async function all(reader: SourceReader<string>): Promise<string[]> {
  const emitted: string[] = []
  while ((await reader.poll()) === 'ready') {
    reader.drain((value, _timestamp, _key, _headers, { partition }, offset) => {
      emitted.push(`${value}@${partition}:${offset}`)
    }, failing)
  }
  return emitted
}

const bounded: Options = { until: 'latest' }

describe('the source of an embedded log', () => {
  it('reads all partitions of its topic', async () => {
    const log = await temporaryLog({ t: 2 })
    await log.append('t', [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
      { value: 'c', partition: 0 },
    ])
    const reader = await started(log, bounded)
    expect(await all(reader)).toEqual(['a@0:0', 'c@0:1', 'b@1:0'])
    expect(reader.position()).toMatchObject([
      { topic: 't', partition: 0, offset: 2 },
      { topic: 't', partition: 1, offset: 1 },
    ])
  })

  it('declared keyed, knows in which partition each key is', async () => {
    const log = await temporaryLog({ t: 4 })
    const reader = await started(log, { key: text, keyed: true })
    const expected = partitionOfKey(Buffer.from('ann'), 4)
    expect(reader.keyPartitions?.()).toMatchObject({ partitions: 4 })
    expect(reader.keyPartitions?.()?.partitionOf('ann')).toBe(expected)
    expect((await started(log)).keyPartitions?.()).toBeUndefined()
  })

  it('declared keyed, ends at a record in another partition than its key chooses', async () => {
    const log = await temporaryLog({ t: 4 })
    const partition = partitionOfKey(Buffer.from('ann'), 4)
    const other = (partition + 1) % 4
    await log.append('t', [{ key: 'ann', value: 'a', partition }])
    await log.append('t', [{ key: null, value: 'b', partition: other }])
    await log.append('t', [{ key: 'ann', value: 'c', partition: other }])
    const reader = await started(log, { ...bounded, key: nullable(text), keyed: true })
    const misplaced = await rejectionOf(all(reader))
    expect(misplaced).toMatchObject({ code: 'KEY_MISPLACED', where: { partition: other, offset: 1 } })
    expect(reader.position()[other]).toMatchObject({ offset: 1 })
  })

  it('declared keyed, reads no partition that a checkpoint does not know', async () => {
    const log = await temporaryLog({ t: 2 })
    const reader = await open(log, { key: text, keyed: true })
    const [first] = await reader.resolve()
    expect(await rejectionOf(reader.seek([first as SplitOffset]))).toMatchObject({
      ...{ code: 'PARTITIONS_GREW', where: { topic: 't', partition: 1 } },
    })
  })

  it('declared keyed, reads only topics with as many partitions', async () => {
    const log = await temporaryLog({ t: 2, u: 1 })
    const opened = open(log, { topics: ['t', 'u'], key: text, keyed: true })
    expect(await rejectionOf(opened)).toMatchObject({ code: 'TOPICS_DIFFER' })
  })

  it('reads several topics', async () => {
    const log = await temporaryLog({ t: 1, u: 1 })
    await log.append('t', [{ value: 'a' }])
    await log.append('u', [{ value: 'b' }])
    expect(await all(await started(log, { ...bounded, topics: ['t', 'u'] }))).toEqual(['a@0:0', 'b@0:0'])
  })

  it('passes on timestamp, key and headers', async () => {
    const log = await temporaryLog({ t: 1 })
    const headers = [{ name: 'h', value: Buffer.from('1') }]
    await log.append('t', [{ value: 'a', key: 'k', timestamp: 5, headers }])
    const reader = await started(log, { key: nullable(text) })
    await reader.poll()
    const emitted: unknown[] = []
    reader.drain((...record) => emitted.push(record), failing)
    expect(emitted).toEqual([['a', 5, 'k', headers, { topic: 't', partition: 0 }, 0]])
  })

  it('starts after what is there, if it is told to', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'old' }])
    const reader = await started(log, { startFrom: 'latest' })
    await log.append('t', [{ value: 'new' }])
    expect(await reader.poll()).toBe('ready')
    const emitted: string[] = []
    reader.drain((value) => emitted.push(value), failing)
    expect(emitted).toEqual(['new'])
  })

  it('reads on from anywhere, also from within a batch', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append(
      't',
      ['a', 'b', 'c', 'd'].map((value) => ({ value })),
    )
    const reader = await open(log, bounded)
    const [first] = await reader.resolve()
    await reader.seek([{ ...first, topic: 't', partition: 0, offset: 2 }])
    expect(await all(reader)).toEqual(['c@0:2', 'd@0:3'])
  })

  it('reads what no checkpoint knows from its beginning', async () => {
    const log = await temporaryLog({ t: 1, u: 1 })
    await log.append('t', [{ value: 'a' }, { value: 'b' }])
    await log.append('u', [{ value: 'x' }])
    const reader = await open(log, { ...bounded, topics: ['t', 'u'], startFrom: 'latest' })
    await reader.seek([{ topic: 't', partition: 0, offset: 1 }])
    expect(await all(reader)).toEqual(['b@0:1', 'x@0:0'])
  })

  it('that is bounded ends where the log ended when it began', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    const reader = await started(log, bounded)
    await log.append('t', [{ value: 'late' }])
    expect(await all(reader)).toEqual(['a@0:0'])
    expect(await reader.poll()).toBe('end')
  })

  it('wakes at once when something is appended in its process', async () => {
    const log = await temporaryLog({ t: 1 })
    const reader = await started(log)
    const polled = reader.poll()
    await log.append('t', [{ value: 'a' }])
    expect(await polled).toBe('empty')
    expect(await reader.poll()).toBe('ready')
  })

  it('looks for what others have appended, less often while there is nothing', async () => {
    const [log, clock] = [await temporaryLog({ t: 1 }), virtualClock()]
    const other = openLog(log.file)
    const reader = await started(log, {}, clock)
    for (const pause of [5, 10, 20, 40, 50, 50]) {
      const polled = reader.poll()
      await clock.advanceAsync(pause - 1)
      expect(clock.timers).toBe(1)
      await clock.advanceAsync(1)
      expect(await polled).toBe('empty')
    }
    await other.append('t', [{ value: 'a' }])
    expect(await reader.poll()).toBe('ready')
  })

  it('lets its partitions take turns', async () => {
    const log = await temporaryLog({ t: 2 })
    for (const partition of [0, 0, 0, 1, 1]) await log.append('t', [{ value: 'v', partition }])
    const emitted = await all(await started(log, bounded))
    expect(emitted.map((one) => one.slice(2, 3)).join('')).toBe('01010')
  })

  it('leaves partitions alone that are held, until they are no longer', async () => {
    const [log, clock] = [await temporaryLog({ t: 2 }), virtualClock()]
    for (const partition of [0, 0, 1]) await log.append('t', [{ value: 'v', partition }])
    const reader = await started(log, {}, clock)
    reader.hold?.(({ partition }) => partition === 0)
    expect(await reader.poll()).toBe('ready')
    const emitted: number[] = []
    const drain = () => reader.drain((_value, _time, _key, _headers, { partition }) => emitted.push(partition), failing)
    drain()
    const polled = reader.poll()
    await settle()
    reader.hold?.(() => false)
    expect([await polled, await reader.poll()]).toEqual(['empty', 'ready'])
    drain()
    expect(emitted).toEqual([1, 0])
  })

  it('that is bounded says which partitions are through, and ends with a held one', async () => {
    const [log, clock] = [await temporaryLog({ t: 3 }), virtualClock()]
    for (const partition of [0, 2, 2]) await log.append('t', [{ value: 'v', partition }])
    const reader = await started(log, bounded, clock)
    const ended = () => reader.ended?.map(({ partition }) => partition)
    expect(ended()).toEqual([1])
    reader.hold?.(({ partition }) => partition === 0)
    for (const expected of [[1], [1, 2]]) {
      expect(await reader.poll()).toBe('ready')
      reader.drain(() => undefined, failing)
      expect(ended()).toEqual(expected)
    }
    const polled = reader.poll()
    await clock.advanceAsync(100)
    expect(await polled).toBe('empty')
    reader.hold?.(() => false)
    expect(await all(reader)).toEqual(['v@0:0'])
    expect(ended()).toEqual([1, 2, 0])
    expect(await reader.poll()).toBe('end')
  })

  it('wakes who waits when it is closed, and leaves no timer', async () => {
    const [log, clock] = [await temporaryLog({ t: 1 }), virtualClock()]
    const reader = await started(log, {}, clock)
    const polled = reader.poll()
    await settle()
    await reader.close()
    expect(await polled).toBe('empty')
    expect(await reader.poll()).toBe('empty')
    expect(clock.timers).toBe(0)
  })
})

describe('the source of an embedded log with a serde that prepares', () => {
  it('opens it first, and prepares each batch before it is emitted: what is wanted of it, and nothing else', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'old' }, { value: 'a' }, { value: 'b' }])
    const serde = slowSerde(async () => undefined)
    const reader = await open(log, { ...bounded, value: serde })
    expect(serde.calls).toEqual(['open'])
    await reader.seek([{ topic: 't', partition: 0, offset: 1 }])
    await log.append('t', [{ value: 'late' }])
    expect(await all(reader)).toEqual(['a@0:1', 'b@0:2'])
    expect(serde.calls).toEqual(['open', 'prepare a', 'prepare b', 'decode a', 'decode b'])
  })

  it('ends with what preparing fails with, if no record is to blame', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    const serde = slowSerde(() => Promise.reject(new RetriableError('DOWN', 'by the test')))
    const reader = await started(log, { value: serde })
    expect(await rejectionOf(reader.poll())).toMatchObject({ code: 'DOWN', consequence: 'retriable' })
    expect(reader.position()).toMatchObject([{ offset: 0 }])
  })

  it('refuses a record that could not be prepared', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }, { value: 'b' }])
    const serde = slowSerde((value) => (value === 'a' ? Promise.reject(new Error('no')) : undefined))
    const reader = await started(log, { value: serde })
    expect(await reader.poll()).toBe('ready')
    const [emitted, refused]: [string[], unknown[]] = [[], []]
    reader.drain(
      (value) => emitted.push(value),
      ({ offset }, { code }) => refused.push({ offset, code }),
    )
    expect([emitted, refused]).toEqual([['b'], [{ offset: 0, code: 'DECODE_FAILED' }]])
  })
})

describe('an rxweft error of a serde means what it says, and is told where it happened', () => {
  const throwing = (error: Error): Options => ({
    value: {
      ...text,
      decode: () => {
        throw error
      },
    },
  })

  it('as a bad record, under its own code', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    const error = new FatalError('UNKNOWN', 'nobody knows it', { badRecord: true, hint: 'Ask', where: { file: 'f' } })
    const reader = await started(log, throwing(error))
    await reader.poll()
    const refused: unknown[] = []
    reader.drain(
      () => undefined,
      (_, given) => refused.push(given),
    )
    expect(refused).toMatchObject([
      {
        code: 'UNKNOWN',
        consequence: 'fatal',
        badRecord: true,
        where: { file: 'f', operator: 'embeddedSource:t', topic: 't', partition: 0, offset: 0 },
        message: 'UNKNOWN: nobody knows it (file f, operator embeddedSource:t, topic t, partition 0, offset 0). Ask',
      },
    ])
  })

  it('and ends the attempt whatever the policy, if no record is to blame', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    const reader = await started(log, throwing(new RetriableError('DOWN', 'by the test')))
    await reader.poll()
    const drained = () =>
      reader.drain(
        () => undefined,
        () => undefined,
      )
    expect(thrownBy(drained)).toMatchObject({
      code: 'DOWN',
      consequence: 'retriable',
      where: { topic: 't', offset: 0 },
    })
    expect(reader.position()).toMatchObject([{ offset: 0 }])
  })
})

describe('the source of an embedded log refuses', () => {
  it('a record that its serde cannot read, naming it, and stays before it', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }, { value: null }, { value: 'b' }])
    const reader = await started(log)
    await reader.poll()
    expect(thrownBy(() => reader.drain(() => undefined, failing))).toMatchObject({
      code: 'DECODE_FAILED',
      consequence: 'fatal',
      where: { operator: 'embeddedSource:t', topic: 't', partition: 0, offset: 1 },
    })
    expect(reader.position()).toMatchObject([{ offset: 1 }])
  })

  it('a record that its serde cannot read as bytes, with all that belongs to it, and goes on behind it', async () => {
    const log = await temporaryLog({ t: 1 })
    const headers = [{ name: 'h', value: Buffer.from([1]) }]
    await log.append('t', [
      { value: 'a' },
      { key: 'k', value: Buffer.from([0xff]), timestamp: 7, headers },
      { value: 'b' },
      { value: null },
    ])
    const reader = await started(log)
    const [values, refused]: [string[], unknown[]] = [[], []]
    await reader.poll()
    reader.drain(
      (value) => values.push(value),
      (record, { code, badRecord }) => refused.push({ record, code, badRecord }),
    )
    const record = streamRecord(Buffer.from([0xff]), 7, Buffer.from('k'), headers, { topic: 't', partition: 0 }, 1)
    expect(values).toEqual(['a', 'b'])
    expect(refused[0]).toEqual({ record, code: 'DECODE_FAILED', badRecord: true })
    expect(refused[1]).toMatchObject({ record: { offset: 3, key: null, value: null } })
    expect(reader.position()).toMatchObject([{ offset: 4 }])
  })

  it('a topic that does not exist', async () => {
    const log = await temporaryLog({ t: 1 })
    expect(await rejectionOf(open(log, { topics: ['t', 'u'] }))).toMatchObject({
      code: 'TOPIC_MISSING',
      where: { topic: 'u' },
    })
  })

  it('to go on in another log whose topic has the same name', async () => {
    const [former, log] = [await temporaryLog({ t: 1 }), await temporaryLog({ t: 1 })]
    const positions = (await started(former)).position()
    expect(await rejectionOf((await open(log)).seek(positions))).toMatchObject({
      code: 'TOPIC_RECREATED',
      consequence: 'fatal',
      where: { topic: 't', partition: 0, offset: 0 },
    })
  })

  it('an offset that the log does not have, and never resets it', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    const reader = await open(log)
    expect(await rejectionOf(reader.seek([{ topic: 't', partition: 0, offset: 2 }]))).toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      consequence: 'fatal',
      where: { offset: 2 },
    })
  })

  it('a partition that the topic does not have', async () => {
    const log = await temporaryLog({ t: 1 })
    expect(await rejectionOf((await open(log)).seek([{ topic: 't', partition: 1, offset: 0 }]))).toMatchObject({
      code: 'PARTITION_MISSING',
      consequence: 'fatal',
    })
  })

  it.each<[string, Options]>([
    ['no topic', { topic: undefined }],
    ['two ways to name topics', { topic: 't', topics: ['t'] }],
    ['no topics', { topics: [] }],
    ['a topic twice', { topics: ['t', 't'] }],
    ['no room in flight', { topic: 't', maxInFlight: 0 }],
    ['a number in flight that is none', { topic: 't', maxInFlight: Number.NaN }],
    ['no codec', { topic: 't', value: undefined as never }],
    ['a start that does not exist', { topic: 't', startFrom: 'lates' as never }],
    ['a start of Kafka only', { topic: 't', startFrom: { timestamp: 5 } as never }],
    ['an end that does not exist', { topic: 't', until: 'end' as never }],
    ['a key without codec', { topic: 't', key: {} as never }],
  ])('%s', async (_, options) => {
    const log = await temporaryLog({ t: 1 })
    expect(thrownBy(() => embeddedSource(log, { value: text, ...options }))).toMatchObject({
      code: 'BAD_OPTION',
    })
  })

  it('a value that is not a log', async () => {
    const copy = { ...(await temporaryLog({ t: 1 })) }
    expect(thrownBy(() => embeddedSource(copy, { topic: 't', value: text }))).toMatchObject({ code: 'NOT_A_LOG' })
  })
})
