/**
 * Inputs that become idle one after the other: held records are emitted in any order of the two,
 * also after a restore.
 */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'
import { start } from './running.ts'

const partitions = () =>
  memorySource<number>({ partitions: [[], []], unbounded: true, timestamp: (at) => at, id: 'source' })

function counting(storage = memoryStorage(), source = partitions()) {
  const into = memorySink<string>()
  const strategy = boundedOutOfOrderness(0).withIdleness(1_000)
  const aggregator = { create: () => 0, add: (count: number) => count + 1, result: String }
  const job = defineJob('idle', ({ from }) =>
    from(source, strategy).pipe(
      keyBy(() => 'all'),
      window(tumbling(100)).aggregate(
        { ...aggregator, result: (count: number, { window }) => `${window.start}: ${count}` },
        { id: 'count' },
      ),
      to(into),
    ),
  )
  const running = start(job, { storage, checkpointing: { interval: 500 } })
  return { ...running, storage, source, into }
}

describe('partitions that go idle one after the other', () => {
  it.each([
    ['the one that is ahead first', 0, 1],
    ['the one that is behind first', 1, 0],
  ])('leave no window to wait for the next record: %s', async (_, first, second) => {
    const { source, into, clock } = counting()
    await clock.advanceAsync(10)
    source.pushTo(0, 150)
    source.pushTo(1, 40)
    await clock.advanceAsync(500)
    source.pushTo(second, second === 0 ? 160 : 45)
    await clock.advanceAsync(700)
    expect(first).not.toBe(second)
    await clock.advanceAsync(3_000)
    expect(into.committed).toEqual([`0: ${second === 0 ? 1 : 2}`])
  })

  it('have the same watermark again after a restore', async () => {
    const { handle, source, storage, clock } = counting()
    await clock.advanceAsync(10)
    source.pushTo(0, 150)
    source.pushTo(1, 310)
    await clock.advanceAsync(3_000)
    await Promise.all([handle.cancel(), clock.advanceAsync(10)])
    const again = counting(storage, source)
    await again.clock.advanceAsync(10)
    source.pushTo(0, 299, 320)
    source.pushTo(1, 301)
    await again.clock.advanceAsync(3_000)
    // 299 is late: its window was over before the restore, at 309. Of the third one all are in time.
    expect(again.events).toContainEqual({
      type: 'late-records',
      checkpoint: expect.any(Number),
      operators: { count: 1 },
    })
    expect(again.into.committed).toEqual([])
    source.pushTo(1, 450)
    await again.clock.advanceAsync(3_000)
    expect(again.into.committed).toEqual(['300: 3'])
  })
})

describe('streams that are merged', () => {
  it('have the highest watermark of both once they are idle', async () => {
    const said: string[] = []
    const [a, b] = ['a', 'b'].map((id) =>
      memorySource<number>({ partitions: [[]], unbounded: true, timestamp: (at) => at, id, topic: id }),
    ) as [ReturnType<typeof partitions>, ReturnType<typeof partitions>]
    const strategy = boundedOutOfOrderness(0).withIdleness(1_000)
    const job = defineJob('merged', ({ from }) => {
      const both = merge(from(a, strategy), from(b, strategy))
      both.subscribe((element) => element.kind === 'watermark' && said.push(`W${element.timestamp}`))
      return both.pipe(to(memorySink<number>()))
    })
    const { clock } = start(job)
    await clock.advanceAsync(10)
    a.push(100)
    b.push(50)
    await clock.advanceAsync(500)
    b.push(60)
    await clock.advanceAsync(3_000)
    expect(said).toEqual(['W49', 'W59', 'W99'])
  })
})
