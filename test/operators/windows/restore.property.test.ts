/** Windows whose job ends at any place and goes on from a checkpoint give what they give without that. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StreamElement, watermark } from '../../../src/element.ts'
import {
  early,
  type FixedWindows,
  type GlobalWindows,
  globalWindow,
  type Key,
  keyBy,
  onCount,
  onWatermark,
  type SessionWindows,
  session,
  sideOutput,
  sliding,
  type Trigger,
  tumbling,
  type Window,
  window,
} from '../../../src/index.ts'
import { streamRecord } from '../../../src/record.ts'
import { virtualClock } from '../../../src/testing/index.ts'
import { type Made, type Player, player, type Said } from './player.ts'

interface Item {
  readonly key: Key
  readonly n: number
}

interface Result {
  readonly all: readonly number[]
  readonly key: Key
  readonly window: Window
}

interface Setup {
  readonly assigner: FixedWindows | SessionWindows | GlobalWindows
  readonly trigger: Trigger
  readonly lateness: number
  readonly kind: 'aggregate' | 'process'
}

type Happening = { readonly element: StreamElement<Item> } | { readonly pass: number }
type Playing = Player<Item, Result, Item>

/** Accumulators are changed in place, so a snapshot that is written later than its barrier must not see it. */
function made({ assigner, trigger, lateness, kind }: Setup): Made<Item, Result, Item> {
  const late = sideOutput<Item>()
  const options = { trigger, allowedLateness: lateness, late }
  const count = trigger.kind === 'count' ? trigger : onCount(2)
  const windows =
    assigner.kind === 'fixed'
      ? window(assigner, options)
      : assigner.kind === 'session'
        ? window(assigner, options)
        : window(assigner, { trigger: count })
  const aggregated = windows.aggregate<Item, number[], Result, Key>(
    {
      create: () => [],
      add(all, { n }) {
        all.push(n)
        return all
      },
      merge(earlier, later) {
        earlier.push(...later)
        return earlier
      },
      result: (all, about) => ({ all: [...all], ...about }),
    },
    { id: 'w' },
  )
  const processed = windows.process<Item, Result, Key>((items, about) => ({ all: items.map(({ n }) => n), ...about }), {
    id: 'w',
  })
  return {
    operator: (input) =>
      input.pipe(
        keyBy(({ key }) => key),
        kind === 'process' ? processed : aggregated,
      ),
    late,
  }
}

const setups: fc.Arbitrary<Setup> = fc.record({
  assigner: fc.oneof(
    fc.integer({ min: 1, max: 12 }).map((size) => tumbling(size)),
    fc
      .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 2, max: 6 }))
      .map(([size, slide]) => sliding(size, slide)),
    fc.integer({ min: 1, max: 8 }).map(session),
    fc.constant(globalWindow()),
  ),
  trigger: fc.oneof(
    fc.constant(onWatermark()),
    fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([n, purge]) => onCount(n, { purge })),
    fc.integer({ min: 1, max: 20 }).map(early),
  ),
  lateness: fc.constantFrom(0, 0, 3, 10),
  kind: fc.constantFrom('aggregate', 'process'),
})

/** Time stays so narrow that sessions merge and records are late. */
const happenings: fc.Arbitrary<readonly Happening[]> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ late: fc.integer({ min: -4, max: 20 }), key: fc.constantFrom<Key>('a', 'b', 1, '1') }),
      },
      { weight: 2, arbitrary: fc.record({ behind: fc.integer({ min: 0, max: 14 }) }) },
      { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 15 }) }) },
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let reached = -Infinity
    const course = steps.map((step, n): Happening => {
      const front = n - 20
      if ('pass' in step) return step
      if ('key' in step) {
        return {
          element: streamRecord({ key: step.key, n }, front - step.late, null, [], { topic: 't', partition: 0 }, n),
        }
      }
      reached = Math.max(reached, front - step.behind)
      return { element: watermark(reached) }
    })
    return [...course, { element: watermark(Infinity) }]
  })

function happen(playing: Playing, happening: Happening): readonly Said<Result, Item>[] {
  return 'pass' in happening ? playing.pass(happening.pass) : playing.play(happening.element)
}

/** At equal times which key is first is nobody's promise. */
function canonical(said: readonly Said<Result, Item>[]): readonly string[] {
  return said.map((one) => JSON.stringify(one)).sort()
}

/** The clock may have several timers of one moment, whose order is nobody's promise either. */
function order(happening: Happening, said: readonly Said<Result, Item>[]): readonly number[] {
  if ('pass' in happening) return []
  return said.flatMap(({ element }) => (element.kind === 'record' ? [element.timestamp] : []))
}

describe('windows and restarts', () => {
  it('give what they give without them, wherever they are, and whatever happens between a barrier and its snapshot', () => {
    const restarts = fc.array(fc.tuple(fc.nat(60), fc.nat(8)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(setups, happenings, restarts, (setup, course, places) => {
        const undisturbed = player(() => made(setup))
        const expected = course.map((happening) => happen(undisturbed, happening))
        const playing: Playing = player(() => made(setup), virtualClock())
        course.forEach((happening, at) => {
          for (const [, more] of places.filter(([place]) => place === at)) {
            const snapshot = playing.checkpoint()
            // What is not committed, and happens again; the clock, which does not, stands still.
            for (const lost of course.slice(at, at + more)) if ('element' in lost) playing.play(lost.element)
            playing.restart(snapshot())
          }
          const said = happen(playing, happening)
          expect(canonical(said)).toEqual(canonical(expected[at] ?? []))
          expect(order(happening, said)).toEqual(order(happening, expected[at] ?? []))
        })
      }),
      { seed: 20, numRuns: 400 },
    )
  }, 30_000)
})
