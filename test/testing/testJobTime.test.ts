/** Event time, the clock, and what waits, in a job under test. */
import { describe, expect, it } from 'vitest'
import {
  asyncMap,
  boundedOutOfOrderness,
  defineJob,
  keyBy,
  map,
  memorySink,
  memorySource,
  merge,
  monotonousTimestamps,
  to,
  type WatermarkStrategy,
} from '../../src/index.ts'
import { keyed, statefulRules } from '../../src/operators/keyed/keyed.ts'
import { streamRecord } from '../../src/record.ts'
import { testJob, virtualClock } from '../../src/testing/index.ts'

interface Tick {
  readonly key: string
  readonly at: number
}

const ticks = memorySource<Tick>({ partitions: [[]], unbounded: true, topic: 'ticks' })
const others = memorySource<Tick>({ partitions: [[]], unbounded: true, topic: 'others' })
const said = memorySink<string>({ id: 'said' })

/** Says when each tick has come by event time, and by the clock ten ms after it. */
const saying = keyed<Tick, string, string>('saying', { id: 'saying' }, statefulRules, (context) => {
  const say = (text: string, key: string): void =>
    context.out.next(streamRecord(`${key} ${text}`, 0, key, [], { topic: 'timers', partition: 0 }, 0))
  return {
    record({ key, timestamp }) {
      context.eventTimers.set(timestamp, key)
      context.processingTimers.set(context.services.clock.now() + 10, key)
    },
    onEventTimer: (time, key) => say(`came ${time}`, key),
    onProcessingTimer: (time, key) => say(`rang ${time}`, key),
  }
})

const withStrategy = (strategy?: WatermarkStrategy<Tick>) =>
  defineJob('ticking', ({ from }) =>
    from(ticks, strategy).pipe(
      keyBy(({ key }) => key),
      saying,
      to(said),
    ),
  )

const tick = (key: string, at = 0): Tick => ({ key, at })
const byValue = boundedOutOfOrderness(5).withTimestamps<Tick>(({ at }) => at)

describe('event time', () => {
  it('comes with the records, as the strategy of the source says', () => {
    const test = testJob(withStrategy(byValue))
    test.push(tick('a', 10))
    test.push(tick('b', 15))
    expect(test.sink(said).values).toEqual([])
    test.push(tick('c', 16))
    expect(test.sink(said).values).toEqual(['a came 10'])
  })

  it('may be moved on by hand, for one source or for all, and never goes back', () => {
    const test = testJob(withStrategy(byValue))
    for (const at of [10, 20, 30]) test.push(tick(`${at}`, at))
    test.source(ticks).watermark(25)
    expect(test.sink(said).drain()).toEqual(['10 came 10', '20 came 20'])
    test.watermark(5)
    test.push(tick('late', 28))
    expect(test.sink(said).drain()).toEqual([])
    test.watermark(30)
    expect(test.sink(said).drain()).toEqual(['late came 28', '30 came 30'])
  })

  it('is what is pushed, if the strategy does not say otherwise; by default the time of the clock', () => {
    const test = testJob(withStrategy(monotonousTimestamps()), { clock: virtualClock(1_000) })
    test.push(tick('a'))
    test.push(tick('b'), { timestamp: 2_000 })
    expect(test.timers('saying').event).toEqual([{ time: 2_000, key: 'b' }])
    expect(test.sink(said).values).toEqual(['a came 1000'])
  })

  it('is the lowest of all sources, and of all partitions that there are', () => {
    const merged = defineJob('merged', ({ from }) =>
      merge(from(ticks, byValue), from(others)).pipe(
        keyBy(({ key }) => key),
        saying,
        to(said),
      ),
    )
    const test = testJob(merged, { partitions: { ticks: 2 } })
    test.source(ticks).push(tick('a', 10))
    test.source(others).watermark(100)
    expect(test.sink(said).values).toEqual([])
    test.source(ticks).push(tick('b', 50), { partition: 1 })
    test.source(ticks).push(tick('c', 50))
    expect(test.sink(said).values).toEqual(['a came 10'])
    test.watermark(60)
    expect(test.sink(said).drain()).toEqual(['a came 10', 'b came 50', 'c came 50'])
  })

  it('goes on without a silent partition when the clock says so', async () => {
    const test = testJob(withStrategy(byValue.withIdleness(1_000)), { partitions: { 'memorySource:ticks': 2 } })
    test.push(tick('a', 10))
    test.push(tick('b', 50))
    await test.advance(999)
    test.push(tick('c', 50))
    expect(test.sink(said).values.filter((text) => text.includes('came'))).toEqual([])
    await test.advance(1)
    expect(test.sink(said).values).toContain('a came 10')
  })

  it('holds partitions that are too far ahead: what is pushed there is read when the others have caught up', async () => {
    const test = testJob(withStrategy(byValue.withAlignment(100)), { partitions: { ticks: 2 } })
    test.push(tick('slow', 10))
    test.push(tick('fast', 500), { partition: 1 })
    test.push(tick('faster', 600), { partition: 1 })
    expect(test.timers('saying').event.map(({ key }) => key)).toEqual(['slow', 'fast'])
    await test.checkpoint()
    test.push(tick('slow', 450))
    expect(test.timers('saying').event.map(({ key }) => key)).toEqual(['slow', 'fast', 'faster'])
    await test.restore()
    expect(test.timers('saying').event.map(({ key }) => key)).toEqual(['slow', 'fast', 'faster'])
  })

  it('is restored: that of the records, and what was set by hand', async () => {
    const merged = defineJob('merged', ({ from }) =>
      merge(from(ticks, byValue), from(others)).pipe(
        keyBy(({ key }) => key),
        saying,
        to(said),
      ),
    )
    const test = testJob(merged)
    test.source(others).watermark(20)
    test.source(ticks).push(tick('a', 10))
    await test.checkpoint()
    test.source(ticks).push(tick('b', 100))
    test.source(ticks).push(tick('c', 30))
    test.source(others).watermark(1_000)
    const before = test.sink(said).values
    expect(before).toEqual(['a came 10', 'c came 30'])
    // The watermark of 20 is restored, and not read again; that of 1,000 is read again, after c.
    await test.restore()
    expect(test.sink(said).values).toEqual(before)
    test.source(ticks).push(tick('d', 200))
    expect(test.sink(said).values).toEqual([...before, 'b came 100'])
  })

  it('that was set by hand goes along to another test', async () => {
    const merged = defineJob('merged', ({ from }) =>
      merge(from(ticks, byValue), from(others)).pipe(
        keyBy(({ key }) => key),
        saying,
        to(said),
      ),
    )
    const first = testJob(merged)
    first.source(others).watermark(20)
    const test = testJob(merged, { restoreFrom: await first.checkpoint() })
    test.source(ticks).push(tick('a', 10))
    test.source(ticks).push(tick('b', 50))
    expect(test.sink(said).values).toEqual(['a came 10'])
  })

  it('is at its end when all sources have ended', async () => {
    const test = testJob(withStrategy())
    test.push(tick('a'), { timestamp: 10 })
    await test.checkpoint()
    expect(test.sink(said).values).toEqual([])
    await test.end()
    expect(test.sink(said).committed).toEqual(['a came 10'])
  })

  it('of one source that has ended holds nothing back', () => {
    const merged = defineJob('merged', ({ from }) =>
      merge(from(ticks), from(others)).pipe(
        keyBy(({ key }) => key),
        saying,
        to(said),
      ),
    )
    const test = testJob(merged)
    test.source(ticks).push(tick('a'), { timestamp: 10 })
    test.source(ticks).watermark(20)
    expect(test.sink(said).values).toEqual([])
    test.source(others).end()
    test.source(others).end()
    expect(test.sink(said).values).toEqual(['a came 10'])
    expect(() => test.source(others).push(tick('b'))).toThrow(expect.objectContaining({ code: 'SOURCE_ENDED' }))
    expect(() => test.source(others).watermark(1)).toThrow(expect.objectContaining({ code: 'SOURCE_ENDED' }))
  })
})

describe('the clock', () => {
  it('stands still until it is moved, and rings timers on the way', async () => {
    const test = testJob(withStrategy())
    test.push(tick('a'))
    await test.advance(9)
    expect(test.sink(said).values).toEqual([])
    await test.advance(1)
    expect(test.sink(said).values).toEqual(['a rang 10'])
    expect(test.clock.now()).toBe(10)
  })

  it('continues over a crash: what is overdue then rings at once, and once', async () => {
    const test = testJob(withStrategy())
    test.push(tick('a'))
    const checkpoint = await test.checkpoint()
    await test.advance(5)
    test.push(tick('b'))
    await test.advance(5)
    expect(test.sink(said).drain()).toEqual(['a rang 10'])
    await test.advance(500)
    await test.restore(checkpoint)
    expect(test.sink(said).values).toEqual(['a rang 10'])
    expect(test.timers('saying').processing).toEqual([{ time: 520, key: 'b' }])
    await test.advance(10)
    expect(test.sink(said).values).toEqual(['a rang 10', 'b rang 520'])
  })
})

describe('a job that waits', () => {
  const slow = defineJob('slow', ({ from }) =>
    from(ticks).pipe(
      asyncMap(async ({ key }) => {
        await pause(100)
        return key.toUpperCase()
      }),
      map((key) => key),
      to(said),
    ),
  )
  let pause: (ms: number) => Promise<void>
  const stage = () => {
    const test = testJob(slow)
    pause = test.clock.sleep
    return test
  }

  it('goes on as time passes', async () => {
    const test = stage()
    test.push(tick('a'))
    test.push(tick('b'))
    await test.advance(99)
    expect(test.sink(said).values).toEqual([])
    await test.advance(1)
    expect(test.sink(said).values).toEqual(['A', 'B'])
  })

  it('holds its checkpoint, says so, and takes it later', async () => {
    const test = stage()
    test.push(tick('a'))
    await expect(test.checkpoint()).rejects.toMatchObject({
      code: 'CHECKPOINT_WAITS',
      where: { checkpoint: 1 },
      hint: expect.stringContaining('advance'),
    })
    await test.advance(100)
    expect(test.sink(said).committed).toEqual(['A'])
    expect((await test.checkpoint()).checkpoint).toBe(2)
  })

  it('takes one while time is passing', async () => {
    const test = stage()
    test.push(tick('a'))
    const [checkpoint] = await Promise.all([test.checkpoint(), test.advance(100)])
    expect([checkpoint.checkpoint, test.sink(said).committed]).toEqual([1, ['A']])
  })

  it('forgets what one of its sinks has prepared when it crashes before the others have', async () => {
    const early = memorySink<string>({ id: 'early' })
    const forked = defineJob('forked', ({ from }) => {
      const keys = from(ticks).pipe(map(({ key }) => key))
      return [
        keys.pipe(to(early)),
        keys.pipe(
          asyncMap(async (key) => {
            await pause(100)
            return key
          }),
          to(said),
        ),
      ]
    })
    const test = testJob(forked)
    pause = test.clock.sleep
    test.push(tick('a'))
    await expect(test.checkpoint()).rejects.toMatchObject({ code: 'CHECKPOINT_WAITS' })
    expect([test.sink(early).uncommitted, test.sink(early).committed]).toEqual([['a'], []])
    await test.restore()
    expect(test.sink(early).values).toEqual(['a'])
    await test.advance(100)
    await test.checkpoint()
    expect([test.sink(early).committed, test.sink(said).committed]).toEqual([['a'], ['a']])
  })

  it('forgets what it was at when it crashes, and does it again', async () => {
    const test = stage()
    test.push(tick('a'))
    await test.advance(60)
    await test.restore()
    await test.advance(60)
    expect(test.sink(said).values).toEqual([])
    await test.advance(40)
    expect(test.sink(said).values).toEqual(['A'])
  })
})
