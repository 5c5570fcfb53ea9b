import { tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { Source } from '../../src/contracts/source.ts'
import { deferred } from '../../src/deferred.ts'
import type { StreamElement } from '../../src/element.ts'
import { defineJob, type JobOptions } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { settle } from '../../src/testing/virtualClock.ts'
import { boundedOutOfOrderness, monotonousTimestamps, type WatermarkStrategy } from '../../src/time/watermarks.ts'
import { asOperator } from '../../tools/support/asOperator.ts'
import { failure, start, untilEnd } from './running.ts'

const own = monotonousTimestamps().withTimestamps((value: number) => value)

/** What comes out of a source, a word each. */
function words(): { readonly said: string[]; readonly see: StreamOperator<number, number> } {
  const said: string[] = []
  const see = asOperator(
    tap((element: StreamElement<number>) => {
      if (element.kind === 'record') said.push(`${element.split.partition}:${element.timestamp}`)
      else said.push(element.kind === 'watermark' ? `W${element.timestamp}` : element.kind)
    }),
  )
  return { said, see }
}

function job(source: Source<number>, strategy: WatermarkStrategy<number>, options: JobOptions = {}) {
  const { said, see } = words()
  const into = memorySink<number>()
  return { said, into, made: defineJob('timed', ({ from }) => from(source, strategy).pipe(see, to(into)), options) }
}

const open = (partitions: number) =>
  memorySource<number>({ partitions: Array.from({ length: partitions }, () => []), unbounded: true })

/** Lets what was pushed be read: a batch takes several turns of the event loop, and no time. */
async function soon(): Promise<void> {
  for (let turns = 0; turns < 30; turns++) await settle()
}

describe('a job with event time', () => {
  it('takes it from the values, and announces the end of a bounded source', async () => {
    const { said, made } = job(memorySource({ partitions: [[5, 9], [7]] }), own)
    await untilEnd(start(made))
    expect(said).toEqual(['restore', '0:5', '0:9', '1:7', 'W6', 'WInfinity', 'barrier'])
  })

  it('lets a partition that is through hold nothing back', async () => {
    const { said, made } = job(memorySource({ partitions: [[], [5], [7, 9]] }), own)
    await untilEnd(start(made))
    expect(said).toEqual(['restore', '1:5', '2:7', 'W6', '2:9', 'W8', 'WInfinity', 'barrier'])
  })

  it('continues with the watermark that a checkpoint has kept', async () => {
    const [source, storage] = [open(2), memoryStorage()]
    const first = job(source, own)
    const running = start(first.made, { storage })
    source.pushTo(0, 5)
    source.pushTo(1, 7)
    await soon()
    await running.handle.stop()
    const second = job(source, own)
    source.pushTo(1, 9)
    source.pushTo(0, 8)
    source.end()
    await untilEnd(start(second.made, { storage }))
    expect(second.said).toEqual(['restore', 'W4', '0:8', 'W6', '1:9', 'W8', 'WInfinity', 'barrier'])
  })

  it('may forget it later', async () => {
    const [source, storage] = [open(1), memoryStorage()]
    const running = start(job(source, own).made, { storage })
    source.push(5)
    await soon()
    await running.handle.stop()
    source.end()
    const { said, made } = job(source, own)
    const plain = defineJob('timed', ({ from }) => from(source).pipe(to(memorySink<number>())))
    await untilEnd(start(plain, { storage }))
    await untilEnd(start(made, { storage }))
    expect(said).toEqual(['restore', 'WInfinity', 'barrier'])
  })

  it('becomes idle in silence, and awakes', async () => {
    const source = open(1)
    const { said, made } = job(source, own.withIdleness(50))
    const running = start(made)
    source.push(5)
    await soon()
    await running.clock.advanceAsync(60)
    source.push(6)
    await soon()
    await running.clock.advanceAsync(49)
    expect(said).toEqual(['restore', '0:5', 'W4', 'idle', '0:6', 'W5'])
    await running.handle.cancel()
    expect(running.clock.timers).toBe(0)
  })

  it('does not become idle while what follows takes nothing', async () => {
    const source = memorySource<number>({ partitions: [[]], unbounded: true, maxInFlight: 1 })
    const [{ said, see }, done] = [words(), deferred<number>()]
    const made = defineJob('slow', ({ from }) =>
      from(source, own.withIdleness(50)).pipe(
        see,
        asyncMap(() => done.promise),
        to(memorySink<number>()),
      ),
    )
    const running = start(made)
    source.push(5)
    await soon()
    await running.clock.advanceAsync(500)
    expect(said).toEqual(['restore', '0:5', 'W4'])
    done.resolve(5)
    await soon()
    await running.clock.advanceAsync(49)
    expect(said).toEqual(['restore', '0:5', 'W4'])
    await running.clock.advanceAsync(1)
    expect(said).toEqual(['restore', '0:5', 'W4', 'idle'])
  })

  it('counts a record without a timestamp as bad', async () => {
    const { into, made } = job(memorySource({ partitions: [[5, Number.NaN, 7]] }), own, { onError: 'skip' })
    const running = start(made)
    await untilEnd(running)
    expect(into.committed).toEqual([5, 7])
    expect(running.events).toContainEqual({ type: 'bad-records', checkpoint: 1, skipped: 1, deadLetters: 0 })
  })

  it('ends with such a record if that is to fail', async () => {
    const { made } = job(memorySource({ partitions: [[5, Number.NaN, 7]] }), own)
    expect(await failure(start(made))).toMatchObject({
      code: 'BAD_TIMESTAMP',
      where: { operator: 'memorySource:memory', topic: 'memory', partition: 0, offset: 1 },
    })
  })

  it('refuses an operator with state that has the id of such a source: one of the two would be lost', async () => {
    const counting = operate<number, number>('memorySource:memory', (out) => ({
      record: (record) => out.next(record),
      barrier: (barrier) =>
        out.next({ ...barrier, states: [...barrier.states, { operator: 'memorySource:memory', state: 1 }] }),
    }))
    const made = defineJob('same', ({ from }) => from(memorySource([5]), own).pipe(counting, to(memorySink<number>())))
    expect(await failure(start(made))).toMatchObject({
      code: 'DUPLICATE_ID',
      where: { operator: 'memorySource:memory' },
    })
  })
})

describe('a job that aligns', () => {
  const aligned = (drift: number) => own.withAlignment(drift)

  it('does not read a partition that is too far ahead until the others have caught up', async () => {
    const source = open(2)
    const { said, made } = job(source, aligned(50))
    start(made)
    source.pushTo(0, 100)
    source.pushTo(1, 151)
    await soon()
    source.pushTo(1, 152)
    await soon()
    expect(said).toEqual(['restore', '0:100', '1:151', 'W99'])
    source.pushTo(0, 101)
    await soon()
    expect(said.slice(4)).toEqual(['0:101', 'W100', '1:152'])
  })

  it('does not read a source that is too far ahead of another one', async () => {
    const [fast, slow] = [
      memorySource<number>(),
      memorySource<number>({ partitions: [[]], unbounded: true, topic: 'slow' }),
    ]
    const into = memorySink<number>()
    const made = defineJob('two', ({ from }) =>
      merge(
        from(fast, aligned(50)),
        from(slow, boundedOutOfOrderness(10).withAlignment(0).withTimestamps(Number)),
      ).pipe(to(into)),
    )
    const running = start(made)
    fast.push(1_000)
    slow.push(500)
    await soon()
    fast.push(1_001)
    slow.push(900)
    await soon()
    await running.clock.advanceAsync(1_000)
    expect(into.committed).toEqual([1_000, 500, 900])
    slow.push(960)
    await soon()
    await running.clock.advanceAsync(1_000)
    expect(into.committed).toEqual([1_000, 500, 900, 960, 1_001])
  })

  it('keeps a fast partition within the drift and a batch, and reads all of both', async () => {
    const [fast, slow] = [10, 1].map((step) => Array.from({ length: 4_000 }, (_, at) => at * step))
    const highest = [0, 0]
    let ahead = 0
    const { into } = job(open(1), own)
    const made = defineJob('drift', ({ from }) =>
      from(memorySource<number>({ partitions: [fast ?? [], slow ?? []] }), aligned(100)).pipe(
        map((value, { split }) => {
          highest[split.partition] = value
          if (value < 3_999) ahead = Math.max(ahead, (highest[0] ?? 0) - (highest[1] ?? 0))
          return value
        }),
        to(into),
      ),
    )
    await untilEnd(start(made))
    expect(into.committed.length).toBe(8_000)
    expect(ahead).toBeGreaterThan(0)
    expect(ahead).toBeLessThanOrEqual(100 + 500 * 10)
  })

  it('comes to its end although the last partition had ended before, far behind', async () => {
    const source = open(2)
    const { said, made } = job(source, aligned(0))
    const running = start(made)
    source.pushTo(0, 1)
    source.pushTo(1, 5)
    await soon()
    source.pushTo(1, 6, 7)
    await soon()
    source.end()
    await untilEnd(running)
    expect(said).toEqual(['restore', '0:1', '1:5', 'W0', 'W4', '1:6', 'W5', '1:7', 'W6', 'WInfinity', 'barrier'])
  })

  it('waits for no partition that is idle', async () => {
    const source = open(2)
    const { said, made } = job(source, aligned(0).withIdleness(50))
    const running = start(made)
    source.pushTo(0, 1)
    source.pushTo(1, 5)
    await soon()
    source.pushTo(1, 6)
    await soon()
    await running.clock.advanceAsync(40)
    expect(said).toEqual(['restore', '0:1', '1:5', 'W0'])
    await running.clock.advanceAsync(10)
    await soon()
    expect(said.slice(4)).toEqual(['W4', '1:6', 'W5'])
  })

  it('needs a source that can hold a split back', async () => {
    const from = memorySource([1])
    const unable: Source<number> = {
      ...from,
      async open(attempt) {
        const { hold: _, ...reader } = await from.open(attempt)
        return reader
      },
    }
    const running = start(job(unable, aligned(0)).made)
    expect(await failure(running)).toMatchObject({ code: 'CANNOT_ALIGN', where: { operator: 'memorySource:memory' } })
    expect(running.story()).toEqual(['started', 'failed CANNOT_ALIGN'])
  })
})
