import { expect, it } from 'vitest'
import { withState } from '../../src/element.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { crashTest } from '../../src/testing/index.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'

/** Remembers in its state the watermark that it has seen, and fails where the one after a restart is another or one falls. */
function watchful(id: string): StreamOperator<number, number> {
  return operate(id, (out) => {
    let seen = -Infinity
    let expected: number | undefined
    return {
      restore(restore) {
        const state = restore.states.get(id)
        if (typeof state === 'number') seen = expected = state
        out.next(restore)
      },
      record(record) {
        if (expected !== undefined) throw new Error('a record came before the restored watermark')
        out.next(record)
      },
      watermark(watermark) {
        const { timestamp } = watermark
        if (expected === undefined ? timestamp <= seen : timestamp !== expected) {
          throw new Error(`watermark ${timestamp} after ${seen}`)
        }
        seen = timestamp
        expected = undefined
        out.next(watermark)
      },
      // The end of the input is no time: the source does not keep it either.
      barrier: (barrier) => out.next(Number.isFinite(seen) ? withState(barrier, id, seen) : barrier),
    }
  })
}

it('event time survives a crash at any step: the watermark continues where it was, and what is held comes in the end', async () => {
  const strategy = boundedOutOfOrderness(2)
    .withAlignment(5)
    .withTimestamps((value: number) => value)
  const fast = {
    partitions: [
      [10, 20, 30, 40],
      [12, 11, 35],
    ],
  }
  const slow = [1, 2, 5, 9, 25, 24]
  const { runs } = await crashTest(
    ({ source, sink }) =>
      defineJob('timed', ({ from }) =>
        merge(
          from(source('fast'), strategy).pipe(watchful('fast')),
          from(source('slow'), strategy.withIdleness(1_000)).pipe(watchful('slow')),
        ).pipe(to(sink('all'))),
      ),
    {
      input: { fast, slow },
      invariant({ all = [] }) {
        expect([...all].sort()).toEqual([...fast.partitions.flat(), ...slow].sort())
        // The partition of 40 is at 30, and so held as long as the slow source is at 9.
        expect(all.indexOf(25)).toBeLessThan(all.indexOf(40))
      },
    },
  )
  expect(runs).toBeGreaterThan(50)
}, 60_000)
