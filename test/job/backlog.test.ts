/**
 * Barriers pass a backlog in time, however slow the operators are, with default settings and no
 * slot idle.
 */

import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { sleep } from '../../src/clock.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { to } from '../../src/operators/to.ts'
import { type MemorySink, memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import type { Output, Stream } from '../../src/stream.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'
import { type Running, start } from './running.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

type Numbers = Stream<number>

/** With the default settings for checkpoints. */
function run(backlog: number, pipeline: (clock: VirtualClock, source: Numbers) => Output) {
  const source = memorySource<number>({ partitions: [numbers(backlog)], maxInFlight: 50_000, unbounded: true })
  const clock = virtualClock()
  const job = defineJob('backlog', ({ from }) => pipeline(clock, from(source)))
  const running = start(job, { clock, storage: memoryStorage(), checkpointing: { interval: 5_000 } })
  return { ...running, clock }
}

/** How long each checkpoint took, ms. */
const durations = ({ events }: Pick<Running, 'events'>): number[] =>
  events.flatMap((event) => (event.type === 'checkpoint-committed' ? [event.duration] : []))

const failures = ({ events }: Pick<Running, 'events'>) => events.filter(({ type }) => type === 'checkpoint-failed')

describe('a barrier behind a backlog', () => {
  it.each([
    ['of 60,000 records in front of calls of 100 ms', 100, 16, 1_300],
    ['in front of calls of 1 ms', 1, 16, 1_300],
    ['in front of calls of 7 s, one at a time', 7_000, 1, 15_000],
    ['in front of calls of 50 s, sixteen at a time', 50_000, 16, 51_000],
  ])('%s waits for one call and a second, while all slots are used', async (_, call, concurrency, most) => {
    const [into, called] = [memorySink<number>(), { now: 0, idle: 0, calls: 0 }]
    const running = run(60_000, (clock, source) =>
      source.pipe(
        asyncMap(
          async (value: number) => {
            called.now += 1
            called.calls += 1
            await sleep(clock, call)
            called.now -= 1
            return value
          },
          { concurrency },
        ),
        to(into),
      ),
    )
    const time = Math.max(30_000, 4 * call)
    await running.clock.advanceAsync(time)
    expect(failures(running)).toEqual([])
    // One that has done everything has nothing to decide.
    expect(durations(running).length).toBeGreaterThan(call === 100 ? 4 : 0)
    expect(Math.max(...durations(running))).toBeLessThanOrEqual(most)
    expect(into.committed).toEqual(numbers(into.committed.length))
    const possible = Math.min(60_000, (concurrency * time) / call)
    expect(called.calls).toBeGreaterThan(0.9 * possible)
  })
})

it('A service that becomes slow before the first barrier does not keep every attempt from its checkpoint', async () => {
  const [into, calls] = [memorySink<number>(), { slow: 0 }]
  const source = memorySource<number>({ partitions: [numbers(22_000)], maxInFlight: 50_000, unbounded: true })
  const clock = virtualClock()
  const job = defineJob('backlog', ({ from }) =>
    from(source).pipe(
      asyncMap(async (value: number) => {
        if (value >= 20_000) calls.slow += 1
        await sleep(clock, value < 20_000 ? 1 : 5_000)
        return value
      }),
      to(into),
    ),
  )
  const running = start(job, {
    clock,
    restart: fixedDelay({ attempts: 9, delay: 100 }),
    checkpointing: { interval: 5_000 },
  })
  await clock.advanceAsync(100_000)
  expect(failures(running)).toHaveLength(1)
  expect(into.committed).toEqual(numbers(into.committed.length))
  expect(into.committed.length).toBeGreaterThan(20_000)
})

/** A sink that holds each record, and is done with one every so many ms. */
function slowSink(clock: VirtualClock, into: MemorySink<number>, each: number): TransactionalSink<number> {
  return {
    ...into,
    async open(attempt: AttemptContext) {
      const writer = await into.open(attempt)
      let last = Promise.resolve()
      const write: typeof writer.write = (record) => {
        attempt.credits.take()
        last = last.then(() => sleep(clock, each, attempt.signal)).then(() => attempt.credits.give())
        writer.write(record)
      }
      const prepare: typeof writer.prepare = async (checkpoint) => {
        const [handle, written] = [writer.prepare(checkpoint), last]
        await written
        return handle
      }
      return { ...writer, write, prepare }
    },
  }
}

describe('a barrier in front of a slow sink', () => {
  it.each([
    [0.2, 20_000],
    [10, 4_000],
    [1_000, 20],
    [25_000, 2],
  ])('that takes %s ms for a record waits for about a second of it', async (each, least) => {
    const into = memorySink<number>()
    const running = run(60_000, (clock, source) => source.pipe(to(slowSink(clock, into, each))))
    const time = Math.max(each < 1 ? 6_500 : 60_000, 8 * each)
    await running.clock.advanceAsync(time)
    expect(failures(running)).toEqual([])
    expect(Math.max(...durations(running))).toBeLessThanOrEqual(1_300 + 2.1 * each)
    expect(into.committed).toEqual(numbers(into.committed.length))
    expect(into.committed.length).toBeGreaterThan(least)
  })

  it('of records that operators make many of waits no longer', async () => {
    const into = memorySink<number>()
    const running = run(60_000, (clock, source) =>
      source.pipe(
        flatMap((value) => numbers(50).map(() => value)),
        asyncMap(
          async (value: number) => {
            await sleep(clock, 100)
            return value
          },
          { concurrency: 16 },
        ),
        to(into),
      ),
    )
    await running.clock.advanceAsync(20_000)
    expect(failures(running)).toEqual([])
    // What one record becomes can only be let in as a whole.
    expect(Math.max(...durations(running))).toBeLessThanOrEqual(1_300 + (50 / 16) * 100)
  })
})
