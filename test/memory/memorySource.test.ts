import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import type { Source, SourceReader } from '../../src/contracts/source.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { settle } from '../../src/testing/virtualClock.ts'
import { rejectionOf, thrownBy } from '../../tools/support/thrown.ts'
import { failing } from '../kafka/source/refusing.ts'

const open = <T>(source: Source<T>): Promise<SourceReader<T>> => source.open({} as AttemptContext)

interface Emitted {
  readonly value: unknown
  readonly timestamp: number
  readonly key: unknown
  readonly partition: number
  readonly offset: number
}

function drained<T>(reader: SourceReader<T>): Emitted[] {
  const emitted: Emitted[] = []
  reader.drain((value, timestamp, key, _headers, { partition }, offset) => {
    emitted.push({ value, timestamp, key, partition, offset })
  }, failing)
  return emitted
}

/** Everything up to the end, or until there is nothing for now. */
async function all<T>(reader: SourceReader<T>): Promise<Emitted[]> {
  const emitted: Emitted[] = []
  while ((await reader.poll()) === 'ready') emitted.push(...drained(reader))
  return emitted
}

/** One batch. */
async function batch<T>(reader: SourceReader<T>): Promise<Emitted[]> {
  expect(await reader.poll()).toBe('ready')
  return drained(reader)
}

describe('a source in memory', () => {
  it('made of values emits them, and ends', async () => {
    const reader = await open(memorySource(['a', 'b']))
    expect(await all(reader)).toEqual([
      { value: 'a', timestamp: 0, key: null, partition: 0, offset: 0 },
      { value: 'b', timestamp: 0, key: null, partition: 0, offset: 1 },
    ])
    expect(reader.position()).toEqual([{ topic: 'memory', partition: 0, offset: 2 }])
  })

  it('without values ends at once if it is given none', async () => {
    expect(await (await open(memorySource([]))).poll()).toBe('end')
  })

  it('starts every partition at its beginning', async () => {
    const reader = await open(memorySource({ partitions: [['a'], []], topic: 't' }))
    expect(await reader.resolve()).toEqual([
      { topic: 't', partition: 0, offset: 0 },
      { topic: 't', partition: 1, offset: 0 },
    ])
  })

  it('reads on from where it is sought to', async () => {
    const source = memorySource({
      partitions: [
        ['a', 'b', 'c'],
        ['x', 'y'],
      ],
    })
    const reader = await open(source)
    await reader.seek([
      { topic: 'memory', partition: 0, offset: 2 },
      { topic: 'memory', partition: 1, offset: 1 },
    ])
    expect((await all(reader)).map(({ value, offset }) => [value, offset])).toEqual([
      ['c', 2],
      ['y', 1],
    ])
  })

  it('takes timestamps and keys from the values', async () => {
    const source = memorySource({
      partitions: [[{ id: 7, at: 1_000 }]],
      timestamp: ({ at }) => at,
      key: ({ id }) => id,
    })
    expect(await all(await open(source))).toMatchObject([{ timestamp: 1_000, key: 7 }])
  })

  it('stays exactly where it was when a function of the user throws', async () => {
    const timestamp = (value: string) => {
      if (value === 'bad') throw new TypeError('no time')
      return 0
    }
    const reader = await open(memorySource({ partitions: [['a', 'bad', 'c']], timestamp }))
    expect(() => drained(reader)).toThrow('no time')
    expect(reader.position()).toEqual([{ topic: 'memory', partition: 0, offset: 1 }])
  })

  it('lets its partitions take turns', async () => {
    const many = (name: string) => Array.from({ length: 1_200 }, (_, at) => `${name}${at}`)
    const reader = await open(memorySource({ partitions: [many('a'), many('b')] }))
    const turns: number[] = []
    while ((await reader.poll()) === 'ready') turns.push(drained(reader)[0]?.partition as number)
    expect(turns).toEqual([0, 1, 0, 1, 0, 1])
  })

  it('that is open waits for what is pushed, and ends when it is told to', async () => {
    const source = memorySource<string>()
    const reader = await open(source)
    const polled = reader.poll()
    source.push('a', 'b')
    expect(await polled).toBe('ready')
    expect(drained(reader).map(({ value }) => value)).toEqual(['a', 'b'])
    const last = reader.poll()
    await settle()
    source.end()
    expect(await last).toBe('end')
  })

  it('pushes to the partition that is named', async () => {
    const source = memorySource<string>({ partitions: [[], []], unbounded: true })
    const reader = await open(source)
    source.pushTo(1, 'x')
    source.push('a')
    source.end()
    expect((await all(reader)).map(({ value, partition }) => [value, partition])).toEqual([
      ['a', 0],
      ['x', 1],
    ])
  })

  it('leaves partitions alone that are held, and waits while only they have anything', async () => {
    const reader = await open(memorySource({ partitions: [['a'], ['x']], unbounded: true }))
    reader.hold?.(({ partition }) => partition === 0)
    expect((await batch(reader)).map(({ value }) => value)).toEqual(['x'])
    const polled = reader.poll()
    await settle()
    expect(drained(reader)).toEqual([])
    reader.hold?.(() => false)
    expect(await polled).toBe('ready')
    expect(drained(reader).map(({ value }) => value)).toEqual(['a'])
  })

  it('says which partitions are through, also while others are held', async () => {
    const source = memorySource({ partitions: [['a'], ['x'], []], unbounded: true })
    const reader = await open(source)
    reader.hold?.(({ partition }) => partition === 0)
    await batch(reader)
    expect(reader.ended).toEqual([])
    const polled = reader.poll()
    source.end()
    expect(await polled).toBe('empty')
    expect(reader.ended?.map(({ partition }) => partition)).toEqual([1, 2])
    const last = reader.poll()
    await settle()
    reader.hold?.(() => false)
    expect(await last).toBe('ready')
    drained(reader)
    expect(reader.ended?.map(({ partition }) => partition)).toEqual([1, 2, 0])
    expect(await reader.poll()).toBe('end')
  })

  it('keeps what it has for the next attempt', async () => {
    const source = memorySource<string>()
    source.push('a')
    const first = await open(source)
    await first.poll()
    drained(first)
    await first.close()
    const second = await open(source)
    expect(await second.poll()).toBe('ready')
    expect(drained(second).map(({ value }) => value)).toEqual(['a'])
  })

  it('wakes who waits when it is closed', async () => {
    const reader = await open(memorySource<string>())
    const polled = reader.poll()
    await reader.close()
    expect(await polled).toBe('empty')
  })

  it('takes nothing after its end', () => {
    const source = memorySource(['a'])
    expect(thrownBy(() => source.push('b'))).toMatchObject({ code: 'SOURCE_ENDED', consequence: 'fatal' })
  })

  it('knows only its own partitions', async () => {
    const source = memorySource<string>()
    expect(thrownBy(() => source.pushTo(1, 'b'))).toMatchObject({ code: 'PARTITION_MISSING' })
    expect(thrownBy(() => memorySource({ partitions: [] }))).toMatchObject({ code: 'BAD_OPTION' })
    for (const maxInFlight of [0, Number.NaN])
      expect(thrownBy(() => memorySource({ partitions: [[]], maxInFlight }))).toMatchObject({
        code: 'BAD_OPTION',
        what: expect.stringContaining('maxInFlight'),
      })
    const reader = await open(source)
    for (const split of [
      { topic: 'memory', partition: 1, offset: 0 },
      { topic: 'other', partition: 0, offset: 0 },
    ]) {
      expect(await rejectionOf(reader.seek([split]))).toMatchObject({ code: 'PARTITION_MISSING', consequence: 'fatal' })
    }
  })

  it('never resets an offset that it does not have', async () => {
    const reader = await open(memorySource(['a']))
    const error = await rejectionOf(reader.seek([{ topic: 'memory', partition: 0, offset: 2 }]))
    expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', consequence: 'fatal', where: { offset: 2 } })
  })
})
