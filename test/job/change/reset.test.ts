/** Sources that are set to other positions, once, and what that says. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import type { Reset } from '../../../src/job/change/reset.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { failure, start, upper } from '../running.ts'
import { spread, storageOf, until } from '../shards/spread.ts'

async function ground() {
  const [log, clock, storage] = [await temporaryLog({ in: 2, out: 2 }), virtualClock(), await storageOf()]
  const job = defineJob('copy', ({ from }) =>
    from(embeddedSource(log, { id: 'orders', topic: 'in', value: text })).pipe(
      map((value) => value),
      to(embeddedSink(log, { topic: 'out', value: text, partitioner: samePartition })),
    ),
  )
  let fed = 0
  /** Whether the job has a plan. */
  let planned = false
  const feed = (count: number) => {
    const values = Array.from({ length: count }, () => `${++fed}`)
    log.append(
      'in',
      values.map((value) => ({ value, partition: Number(value) % 2 })),
    )
  }
  const out = () => [0, 1].flatMap((partition) => valuesOf(log, 'out', partition)).sort()
  const run = (shards: number, reset?: Reset) => {
    planned ||= shards > 1
    const rescale = planned ? ('at-start' as const) : undefined
    return spread(job, { clock, storage, shards, reset, rescale, checkpointing: { interval: 50 } })
  }
  /** Runs until so many results are there in all, and returns what it has told of resets. */
  async function runs(shards: number, results: number, reset?: Reset) {
    const running = run(shards, reset)
    await until(clock, () => running.ended() !== undefined || out().length >= results)
    await until(clock, () => running.events.some(({ type }) => type === 'restored'))
    expect(running.ended()).toBeUndefined()
    const end = running.handle.stop()
    await until(clock, () => running.ended() !== undefined)
    await end
    return running.events.flatMap((event) => (event.type === 'source-reset' ? event.splits : []))
  }
  async function ends(shards: number, reset: Reset) {
    const running = run(shards, reset)
    await until(clock, () => running.ended() !== undefined)
    return running.ended()
  }
  return { feed, out, runs, ends }
}

describe.each([1, 2])('a source of a job over %i shards', (shards) => {
  it('is reset once by one name, and again by another', async () => {
    const { feed, out, runs } = await ground()
    feed(4)
    expect(await runs(shards, 4)).toEqual([])
    const reset = { name: 'again', sources: { orders: 'earliest' as const } }
    const told = await runs(shards, 8, reset)
    expect([...told].sort((a, b) => a.partition - b.partition)).toMatchObject([
      { topic: 'in', partition: 0, from: 2, to: 0 },
      { topic: 'in', partition: 1, from: 2, to: 0 },
    ])
    feed(1)
    expect(await runs(shards, 9, reset)).toEqual([])
    expect(out()).toEqual(['1', '1', '2', '2', '3', '3', '4', '4', '5'])
    const offsets = [{ topic: 'in', partition: 1, offset: 2 }]
    await runs(shards, 12, { name: 'once-more', sources: { orders: offsets } })
    expect(out()).toEqual(['1', '1', '2', '2', '2', '3', '3', '4', '4', '4', '5', '5'])
    // The first one has not been forgotten.
    expect(await runs(shards, 12, reset)).toEqual([])
  })

  it('skips what came while the job was down, if it says so', async () => {
    const { feed, out, runs } = await ground()
    feed(2)
    await runs(shards, 2)
    feed(2)
    expect(await runs(shards, 2, { name: 'skip', sources: { orders: 'latest' } })).toHaveLength(2)
    feed(2)
    await runs(shards, 4)
    expect(out()).toEqual(['1', '2', '5', '6'])
  })

  it('is refused where it is unknown or cannot be done, and goes on as before', async () => {
    const { feed, out, runs, ends } = await ground()
    feed(2)
    await runs(shards, 2)
    feed(2)
    const refused = { code: 'CANNOT_RESET' }
    expect(await ends(shards, { name: 'a', sources: { order: 'earliest' } })).toMatchObject(refused)
    expect(await ends(shards, { name: 'a', sources: { orders: { timestamp: 5 } } })).toMatchObject(refused)
    const far = [{ topic: 'in', partition: 0, offset: 99 }]
    expect(await ends(shards, { name: 'a', sources: { orders: far } })).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    await runs(shards, 4)
    expect(out()).toEqual(['1', '2', '3', '4'])
  })
})

it('a reset is remembered over another number of shards', async () => {
  const { feed, out, runs } = await ground()
  feed(4)
  await runs(2, 4)
  const reset = { name: 'again', sources: { orders: 'earliest' as const } }
  await runs(2, 8, reset)
  feed(1)
  expect(await runs(1, 9, reset)).toEqual([])
  expect(out()).toHaveLength(9)
})

it('a source that begins at its start only is refused', async () => {
  const job = upper(memorySource(['a']), memorySink<string>())
  const reset = { name: 'a', sources: { memorySource: 'earliest' as const } }
  const error = await failure(start(job, { storage: memoryStorage(), reset }))
  expect(error).toMatchObject({ code: 'CANNOT_RESET' })
})

it('a reset that is none is BAD_OPTION', () => {
  const job = upper(memorySource(['a']), memorySink<string>())
  for (const reset of [{ name: 'a' }, { name: 'a', sources: {} }, { name: 'a', sources: { in: 'begin' } }])
    expect(() => start(job, { reset: reset as unknown as Reset })).toThrow(/BAD_OPTION/)
})
