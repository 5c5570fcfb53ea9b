import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { streamRecord } from '../../src/record.ts'
import { type MemorySink, memorySink } from '../../src/sinks/memorySink.ts'

const record = (value: string) => streamRecord(value, 0, null, [], { topic: 't', partition: 0 }, 0)

const open = (sink: MemorySink<string>, attempt = 'attempt-1') => sink.open({ attempt } as AttemptContext)

describe('a sink in memory', () => {
  it('shows nothing before its checkpoint is committed', async () => {
    const sink = memorySink<string>()
    const writer = await open(sink)
    writer.write(record('a'))
    const handle = await writer.prepare(1)
    expect(sink.committed).toEqual([])
    await writer.commit?.(1, handle)
    expect(sink.committed).toEqual(['a'])
    expect(sink.records).toEqual([record('a')])
  })

  it('counts what comes after prepare to the next checkpoint', async () => {
    const sink = memorySink<string>()
    const writer = await open(sink)
    writer.write(record('a'))
    const first = writer.prepare(1)
    writer.write(record('b'))
    const second = writer.prepare(2)
    await writer.commit?.(1, await first)
    expect(sink.committed).toEqual(['a'])
    await writer.commit?.(2, await second)
    expect(sink.committed).toEqual(['a', 'b'])
  })

  it('shows it once, however often it is committed', async () => {
    const sink = memorySink<string>()
    const writer = await open(sink)
    writer.write(record('a'))
    const handle = await writer.prepare(1)
    await writer.commit?.(1, handle)
    await writer.commit?.(1, handle)
    const next = await open(sink, 'attempt-2')
    await next.commit?.(1, handle)
    expect(sink.committed).toEqual(['a'])
  })

  it('lets the next attempt commit what this one has prepared', async () => {
    const sink = memorySink<string>()
    const writer = await open(sink)
    writer.write(record('a'))
    const handle = await writer.prepare(1)
    await writer.close()
    const next = await open(sink, 'attempt-2')
    await next.commit?.(1, handle)
    await next.discardOthers?.(handle)
    expect(sink.committed).toEqual(['a'])
  })

  it('drops what was prepared and never decided', async () => {
    const sink = memorySink<string>()
    const writer = await open(sink)
    writer.write(record('a'))
    const handle = await writer.prepare(1)
    const next = await open(sink, 'attempt-2')
    await next.discardOthers?.(null)
    await next.commit?.(1, handle)
    expect(sink.committed).toEqual([])
  })

  it('has no handle if there was nothing to write', async () => {
    expect(await (await open(memorySink())).prepare(1)).toBeNull()
  })

  it('of two attempts that reach the same checkpoint knows one from the other', async () => {
    const sink = memorySink<string>()
    const [older, newer] = [await open(sink, 'attempt-1'), await open(sink, 'attempt-2')]
    older.write(record('older'))
    newer.write(record('newer'))
    await older.prepare(3)
    await newer.commit?.(3, await newer.prepare(3))
    expect(sink.committed).toEqual(['newer'])
  })
})
