import { describe, expect, it } from 'vitest'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { json } from '../../src/serde/json.ts'
import { text } from '../../src/serde/text.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { monotonousTimestamps } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'
import { spread, storageOf, until } from '../job/shards/spread.ts'
import { temporaryLog, valuesOf } from './temporaryLog.ts'

const partitions = 4
const places = Array.from({ length: partitions }, (_, partition) => partition)

function counting(
  log: EmbeddedLog,
  options: { bounded?: 'latest'; fails?: () => boolean; partitions?: number } = {},
): Job {
  const words = embeddedRepartition(log, {
    name: 'words',
    partitions: options.partitions ?? partitions,
    key: text,
    value: text,
  })
  return defineJob('counting', ({ from, repartition }) =>
    from(embeddedSource(log, { topic: 'lines', value: text, until: options.bounded })).pipe(
      flatMap((line) => line.split(' ')),
      keyBy((word) => word),
      repartition(words),
      scan((count) => count + 1, 0, { id: 'counts' }),
      map((count, { key }) => {
        if (options.fails?.()) throw new RetriableError('FLAKY', 'now and then')
        return `${key} ${count}`
      }),
      to(embeddedSink(log, { topic: 'counts', value: text })),
    ),
  )
}

const counted = (log: EmbeddedLog) => places.flatMap((partition) => valuesOf(log, 'counts', partition)).sort()

/** Each of some words twenty times, over all partitions. */
async function fed() {
  const log = await temporaryLog({ lines: partitions, counts: partitions })
  const words = ['to', 'be', 'or', 'not', 'that', 'is', 'the', 'question']
  const lines = Array.from({ length: 20 }, (_, at) => ({ value: words.join(' '), partition: at % partitions }))
  await log.append('lines', lines)
  const expected = words.flatMap((word) => lines.map((_, at) => `${word} ${at + 1}`)).sort()
  return { log, expected }
}

describe('records that go through a topic', () => {
  it.each([1, 2, 3])('come to the shard that has their key, of %i', async (shards) => {
    const [{ log, expected }, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const running = spread(counting(log), { clock, storage, shards })
    await until(clock, () => counted(log).length >= expected.length)
    expect(counted(log)).toEqual(expected)
    await running.handle.stop()
    const words = places.map((partition) => new Set(valuesOf(log, 'counting-words-repartition', partition)))
    expect(words.map(({ size }) => size).reduce((a, b) => a + b)).toBe(8)
  })

  it('are counted once each, whichever shard fails between them, and in the next run', async () => {
    const [{ log, expected }, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    let calls = 0
    const restart = fixedDelay({ attempts: 100, delay: 10 })
    const fails = () => ++calls % 37 === 0 && calls < 400
    const first = spread(counting(log, { fails }), {
      clock,
      storage,
      shards: 2,
      checkpointing: { interval: 100 },
      restart,
    })
    await until(clock, () => counted(log).length > 40)
    await first.handle.cancel()
    expect(first.events.some(({ type }) => type === 'restarting')).toBe(true)
    const second = spread(counting(log, { fails }), {
      clock,
      storage,
      shards: 2,
      checkpointing: { interval: 100 },
      restart,
    })
    await until(clock, () => counted(log).length >= expected.length)
    await second.handle.stop()
    expect(counted(log)).toEqual(expected)
  })

  it('keep key, timestamp and headers, and have event time of their own', async () => {
    const [clock, storage, log] = [virtualClock(), await storageOf(), await temporaryLog({ lines: 1, counts: 1 })]
    const header = { name: 'from', value: Buffer.from('test') }
    await log.append('lines', [
      { value: 'a', timestamp: 1_000, headers: [header] },
      { value: 'b', timestamp: 2_000 },
      { value: 'late enough', timestamp: 99_000 },
    ])
    const middle = embeddedRepartition(log, { name: 'all', partitions: 1, key: json<number>(), value: text })
    const job = defineJob('windows', ({ from, repartition }) =>
      from(embeddedSource(log, { topic: 'lines', value: text })).pipe(
        keyBy(() => 7),
        repartition(middle, monotonousTimestamps()),
        window(tumbling(10_000)).process((values, { key }) => `${key + 1}: ${values.join()}`, { id: 'windows' }),
        to(embeddedSink(log, { topic: 'counts', value: text })),
      ),
    )
    const running = spread(job, { clock, storage, shards: 1 })
    await until(clock, () => valuesOf(log, 'counts').length > 0)
    await running.handle.stop()
    expect(valuesOf(log, 'counts')).toEqual(['8: a,b'])
    expect([...log.read('windows-all-repartition', 0)][0]).toMatchObject({ timestamp: 1_000, headers: [header] })
  })

  it.each([1, 2, 3])(
    'are counted to the last one where the source ends, and so does the job, over %i',
    async (shards) => {
      const [{ log, expected }, clock, storage] = [await fed(), virtualClock(), await storageOf()]
      const running = spread(counting(log, { bounded: 'latest' }), { clock, storage, shards })
      await until(clock, () => running.ended() !== undefined)
      expect(running.ended()).toMatchObject({ outcome: 'finished' })
      expect(counted(log)).toEqual(expected)
    },
  )

  it('do not go through a topic that has other partitions than it was made with', async () => {
    const [{ log }, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    log.createTopic('counting-words-repartition', { partitions: 2 })
    const running = spread(counting(log), { clock, storage, shards: 1 })
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toMatchObject({ code: 'TOPIC_EXISTS' })
  })
})

describe('the options of a topic to go through', () => {
  const good = { name: 'words', partitions: 2, key: text, value: text }
  it.each([
    ['name', { name: 'a/b' }],
    ['the beginning of the name', { name: '-count' }],
    ['partitions', { partitions: 0 }],
    ['key', { key: undefined }],
    ['value', { value: 7 }],
  ])('are refused where %s is wrong', async (_, wrong) => {
    const log = await temporaryLog()
    expect(() => embeddedRepartition(log, { ...good, ...wrong } as typeof good)).toThrow(/BAD_OPTION/)
  })
})
