import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import type { SourceReader } from '../../../src/contracts/source.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { KafkaSourceOptions } from '../../../src/kafka/source/kafkaSourceOptions.ts'
import type { Split } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'
import { type FakeLog, fakeLog, fakeTopic } from './fakeLog.ts'
import { failing } from './refusing.ts'

async function started(log: FakeLog, options: Partial<KafkaSourceOptions<string>> = {}) {
  const ended = new AbortController()
  const attempt = {
    clock: virtualClock(),
    signal: ended.signal,
    shard: 0,
    slots: [0],
    fail: (error: unknown) => expect.unreachable(`${error}`),
  }
  const source = kafkaSource(log.cluster, { topic: fakeTopic, value: text, ...options })
  const reader = await source.open(attempt as unknown as AttemptContext)
  await reader.seek(await reader.resolve())
  await turns()
  return reader
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await settle()
}

const only = (...partitions: readonly number[]) => {
  return ({ partition }: Split): boolean => partitions.includes(partition)
}

/** The next batch, as "partition:value". */
function drained(reader: SourceReader<string>): string {
  const values: string[] = []
  reader.drain((value, _timestamp, _key, _headers, { partition }) => values.push(`${partition}:${value}`), failing)
  return values.join(' ')
}

/** So many batches, polled for. */
async function read(reader: SourceReader<string>, batches: number): Promise<readonly string[]> {
  const values: string[] = []
  for (let batch = 0; batch < batches; batch++) {
    expect(await reader.poll()).toBe('ready')
    values.push(drained(reader))
    await turns()
  }
  return values
}

describe('a Kafka reader that is closed', () => {
  it('ends a poll that waits for records, and every later one', async () => {
    const reader = await started(fakeLog(1))
    let found: unknown
    reader.poll().then((result) => (found = result))
    await turns()
    expect(found).toBeUndefined()
    await reader.close()
    await turns()
    expect([found, await reader.poll()]).toEqual(['empty', 'empty'])
  })
})

describe('a Kafka reader of which a partition is held', () => {
  it('leaves its records where they are, and reads on in the others', async () => {
    const log = fakeLog(2)
    log.append(0, 'a', 'b', 'c')
    log.append(1, 'x', 'y', 'z')
    const reader = await started(log)
    reader.hold?.(only(0))
    expect(await read(reader, 3)).toEqual(['1:x', '1:y', '1:z'])
    expect(reader.position().map(({ offset }) => offset)).toEqual([0, 3])
  })

  it('waits while only such a partition has any, and goes on as soon as it may', async () => {
    const log = fakeLog(2)
    log.append(0, 'a', 'b')
    const reader = await started(log)
    reader.hold?.(only(0))
    let found: unknown
    reader.poll().then((result) => (found = result))
    await turns()
    expect([found, drained(reader)]).toEqual([undefined, ''])
    reader.hold?.(only())
    await turns()
    expect(found).toBe('ready')
    log.timeOut()
    expect(await read(reader, 2)).toEqual(['0:a', '0:b'])
  })

  it('wakes for another partition', async () => {
    const log = fakeLog(2)
    log.append(0, 'a')
    const reader = await started(log)
    reader.hold?.(only(0))
    const polled = reader.poll()
    await turns()
    log.append(1, 'x')
    expect(await polled).toBe('ready')
    expect(drained(reader)).toBe('1:x')
  })

  it('fetches no more of it than the record that waits, and of the others whatever there is', async () => {
    const log = fakeLog(3)
    log.append(0, ...'abcdefgh')
    log.append(1, 'x')
    const reader = await started(log)
    const before = log.fetches.length
    // As many chunks wait as keep a leader from being asked for more.
    expect(before).toBeGreaterThan(2)
    reader.hold?.(only(0))
    await turns()
    log.append(1, ...'stuvw')
    expect(await read(reader, 6)).toEqual(['1:x', '1:s', '1:t', '1:u', '1:v', '1:w'])
    expect(log.fetches.slice(before).some((asked) => asked.includes(0))).toBe(false)
    expect(log.fetches.length).toBeGreaterThan(before + 4)
    reader.hold?.(only())
    log.timeOut()
    expect((await read(reader, 8)).join(' ')).toBe('0:a 0:b 0:c 0:d 0:e 0:f 0:g 0:h')
  })

  it('still fetches one record of it, so that there is something to go on with', async () => {
    const log = fakeLog(2)
    const reader = await started(log)
    reader.hold?.(only(0))
    log.append(0, ...'abc')
    await turns()
    log.append(1, ...'xyz')
    await turns()
    expect(log.fetches.filter((asked) => asked.includes(0)).length).toBe(1)
    reader.hold?.(only())
    expect(await read(reader, 1)).toEqual(['0:a'])
  })
})

describe('a bounded Kafka reader', () => {
  it('says which partitions are through, and in which order, and ends with the last one', async () => {
    const log = fakeLog(3)
    log.append(0, 'a')
    log.append(2, 'x', 'y')
    const reader = await started(log, { until: 'latest' })
    const ended = () => reader.ended?.map(({ partition }) => partition)
    expect(ended()).toEqual([1])
    reader.hold?.(only(0))
    await read(reader, 2)
    expect(ended()).toEqual([1, 2])
    let found: unknown
    const polled = reader.poll().then((result) => (found = result))
    await turns()
    expect(found).toBeUndefined()
    reader.hold?.(only())
    await polled
    expect(drained(reader)).toBe('0:a')
    expect(ended()).toEqual([1, 2, 0])
    expect(await reader.poll()).toBe('end')
  })
})
