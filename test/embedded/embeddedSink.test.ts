import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Source } from '../../src/contracts/source.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { type EmbeddedSinkOptions, embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { to } from '../../src/operators/to.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { samePartition } from '../../src/sinks/partitioner.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { failure, start, untilEnd } from '../job/running.ts'
import { temporaryLog, valuesOf } from './temporaryLog.ts'

type Options = Partial<EmbeddedSinkOptions<string>>

const job = (log: EmbeddedLog, from: Source<string>, options: Options = {}): Job =>
  defineJob('sinking', (builder) =>
    builder.from(from).pipe(to(embeddedSink(log, { topic: 'out', value: text, ...options }))),
  )

describe('the sink of an embedded log', () => {
  it('writes the records of a checkpoint when it is committed', async () => {
    const log = await temporaryLog({ out: 1 })
    const from = memorySource<string>()
    const running = start(job(log, from))
    from.push('a', 'b')
    await running.clock.advanceAsync(999)
    expect(valuesOf(log, 'out')).toEqual([])
    await running.clock.advanceAsync(1)
    expect(valuesOf(log, 'out')).toEqual(['a', 'b'])
  })

  it('keeps timestamp and key of the records, and chooses the partition by key', async () => {
    const log = await temporaryLog({ out: 3 })
    const from = memorySource({ partitions: [['a']], timestamp: () => 5, key: () => 'foobar' })
    await untilEnd(start(job(log, from)))
    // toPositive(murmur2('foobar')) = 1357151340
    expect([...log.read('out', 1357151340 % 3)]).toEqual([
      { offset: 0, timestamp: 5, key: Buffer.from('foobar'), value: Buffer.from('a'), headers: [] },
    ])
  })

  it('writes without a key into the partition of the source record', async () => {
    const log = await temporaryLog({ out: 2 })
    await untilEnd(start(job(log, memorySource({ partitions: [['a'], ['b']] }))))
    expect([valuesOf(log, 'out', 0), valuesOf(log, 'out', 1)]).toEqual([['a'], ['b']])
  })

  it('writes where, and what, its options say', async () => {
    const log = await temporaryLog({ out: 2, long: 2 })
    const decimal: Serde<number> = { encode: (value) => Buffer.from(String(value)), decode: Number }
    const from = memorySource({ partitions: [[], ['a', 'bbb']], key: (value) => value.length })
    const headers = [{ name: 'h', value: null }]
    const options: Options = {
      topic: ({ value }) => (value.length > 1 ? 'long' : 'out'),
      key: decimal,
      partitioner: samePartition,
      headers: () => headers,
    }
    await untilEnd(start(job(log, from, options)))
    expect([...log.read('out', 1)]).toMatchObject([{ key: Buffer.from('1'), value: Buffer.from('a'), headers }])
    expect([...log.read('long', 1)]).toMatchObject([{ key: Buffer.from('3'), value: Buffer.from('bbb'), headers }])
  })

  it('opens the serdes of values and keys before anything is written, in every attempt', async () => {
    const log = await temporaryLog({ out: 1 })
    const opened: string[] = []
    const opening = (name: string, fails = 0) => ({
      ...text,
      open: async () => {
        opened.push(name)
        if (opened.length <= fails) throw new RetriableError('DOWN', 'by the test')
      },
    })
    const options = { value: opening('value', 1), key: opening('key') }
    const running = start(job(log, memorySource({ partitions: [['a']], key: () => 'k' }), options), {
      restart: fixedDelay({ attempts: 1, delay: 10 }),
    })
    await untilEnd(running)
    expect(opened).toEqual(['value', 'value', 'key'])
    expect(running.story()).toContain('restarting DOWN 10')
    expect(valuesOf(log, 'out')).toEqual(['a'])
  })

  it('writes what a validator validates as JSON', async () => {
    const log = await temporaryLog({ in: 1, out: 1 })
    const order = z.object({ id: z.string(), n: z.number() })
    await log.append('in', [{ value: '{"id":"a","n":1,"more":true}', key: '7' }])
    await untilEnd(
      start(
        defineJob('j', ({ from }) =>
          from(embeddedSource(log, { topic: 'in', value: order, key: z.number(), until: 'latest' })).pipe(
            to(embeddedSink(log, { topic: 'out', value: order })),
          ),
        ),
      ),
    )
    expect([...log.read('out', 0)]).toMatchObject([{ key: Buffer.from('7'), value: Buffer.from('{"id":"a","n":1}') }])
  })

  it('holds no credits, so that a source never waits for the next checkpoint', async () => {
    const log = await temporaryLog({ out: 1 })
    const values = Array.from({ length: 5_000 }, (_, at) => `${at}`)
    const from = memorySource({ partitions: [values], maxInFlight: 1 })
    await untilEnd(start(job(log, from)))
    expect(valuesOf(log, 'out')).toEqual(values)
  })

  it('writes more than it keeps in memory', async () => {
    const log = await temporaryLog({ out: 1 })
    const values = Array.from({ length: 300 }, (_, at) => `${at} `.padEnd(100_000, 'x'))
    await untilEnd(start(job(log, memorySource(values))))
    expect(valuesOf(log, 'out')).toEqual(values)
  })
})

describe('the sink of an embedded log refuses', () => {
  const where = { topic: 'memory', partition: 0, offset: 0 }

  it.each<[string, string, Options, object]>([
    ['a topic that is not there', 'TOPIC_MISSING', { topic: 'none' }, { topic: 'none' }],
    ['a topic that is not there, chosen by a record', 'TOPIC_MISSING', { topic: () => 'none' }, where],
    ['a partition that is not there', 'NO_SUCH_PARTITION', { partitioner: () => 1 }, where],
    ['a partition that is no number', 'NO_SUCH_PARTITION', { partitioner: () => Number.NaN }, where],
    [
      'what its serde makes of a value',
      'RECORD_NOT_WRITABLE',
      { value: { ...text, encode: () => 'text' as never } },
      where,
    ],
    [
      'a header whose name has half a surrogate pair',
      'RECORD_NOT_WRITABLE',
      { headers: () => [{ name: 'h\ud800', value: null }] },
      where,
    ],
    ['headers that are no bytes', 'RECORD_NOT_WRITABLE', { headers: () => [{ name: 'h', value: 1 as never }] }, where],
  ])('%s', async (_, code, options, place) => {
    const log = await temporaryLog({ out: 1 })
    const running = start(job(log, memorySource(['a']), options))
    expect(await failure(running)).toMatchObject({ code, consequence: 'fatal', where: place })
    expect(valuesOf(log, 'out')).toEqual([])
  })

  it('a key that could be written in many ways', async () => {
    const log = await temporaryLog({ out: 1 })
    const running = start(job(log, memorySource({ partitions: [['a']], key: () => ({ id: 42 }) })))
    expect(await failure(running)).toMatchObject({ code: 'KEY_NOT_ENCODABLE', where })
  })

  it('a value that is not a codec', async () => {
    const log = await temporaryLog({ out: 1 })
    for (const wrong of [{ value: undefined }, { value: text, key: {} }]) {
      const options = { topic: 'out', ...wrong } as never
      expect(thrownBy(() => embeddedSink(log, options))).toMatchObject({ code: 'BAD_OPTION' })
    }
  })

  it('to have no topic', async () => {
    const log = await temporaryLog()
    expect(thrownBy(() => embeddedSink(log, { topic: '', value: text }))).toMatchObject({ code: 'BAD_OPTION' })
  })
})
