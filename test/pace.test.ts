import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCredits } from '../src/credits.ts'
import { pace } from '../src/pace.ts'
import { settle, virtualClock } from '../src/testing/index.ts'

const second = 1_000

/** A stage that passes records on in order: each takes `latency`, and they leave no closer together than `gap`. */
function stage(latency: number, gap: number, slots?: number) {
  const clock = virtualClock()
  const paced = pace({ now: () => clock.monotonic(), queue: () => second, patience: 30 * second }, slots)
  const pipe = { latency, gap }
  let free = clock.monotonic()
  let wait = 0
  function fill(): void {
    while (!paced.isFull()) {
      paced.take(1)
      const came = clock.monotonic()
      free = Math.max(free + pipe.gap, came + pipe.latency)
      clock.setTimeout(() => {
        wait = clock.monotonic() - came
        paced.give(1)
        fill()
      }, free - came)
    }
  }
  fill()
  return {
    pipe,
    /** After so long: how many are held, and how long the last one had to wait. */
    after(ms: number) {
      clock.advance(ms)
      return { held: paced.held, wait }
    },
  }
}

describe('the pace of a stage', () => {
  it.each([
    ['a slow one', 0, 100],
    ['a quick one', 2, 1],
    ['one that takes long for each and many at once', 500, 5],
    ['one with a latency of its own of three seconds', 3_000, 10],
  ])('lets a record wait for a second longer than it takes: %s', (_, latency, gap) => {
    const { held, wait } = stage(latency, gap).after(200 * second)
    expect(wait).toBeLessThanOrEqual(1.3 * second + latency + gap)
    expect(held).toBeGreaterThan((0.4 * (latency + second)) / gap)
  })

  it('lets no more than one be held if two might take too long', () => {
    expect(stage(0, 40 * second).after(1_000 * second)).toEqual({ held: 1, wait: 40 * second })
  })

  it('leaves free slots free for nobody', () => {
    const { held, wait } = stage(50 * second, 50 * (second / 16), 16).after(1_000 * second)
    expect([held, wait]).toEqual([16, 50 * second])
  })

  it('follows one that gets slower, and one that gets quicker', () => {
    const its = stage(1, 1)
    expect(its.after(30 * second).held).toBeGreaterThan(500)
    its.pipe.gap = 50
    expect(its.after(200 * second).wait).toBeLessThan(1.5 * second)
    its.pipe.gap = 1
    expect(its.after(30 * second).held).toBeGreaterThan(500)
  })

  it('does not take a latency that grows for a queue', () => {
    const its = stage(5, 1)
    its.after(30 * second)
    its.pipe.latency = 4 * second
    expect(its.after(200 * second).held).toBeGreaterThan(1_000)
  })
})

describe('credits with a pace', () => {
  it('let nobody wait forever, whatever is taken, held and given', async () => {
    const step = fc.tuple(fc.constantFrom('sink', 'stage', 'hold'), fc.integer({ min: 1, max: 5 }), fc.nat(50))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = virtualClock()
        const credits = createCredits({ now: () => clock.monotonic(), queue: () => 100, patience: 1_000 })
        const calls = credits.stage(2)
        let waiting = 0
        for (const [where, records, pause] of steps) {
          if (credits.room(9) === 0) {
            waiting += 1
            void credits.below(9).then(() => waiting--)
          }
          for (let left = records; left > 0; left--) {
            const back = { sink: credits.give, stage: calls.give, hold: credits.release }[where] as () => void
            const take = { sink: credits.take, stage: calls.take, hold: credits.hold }[where] as () => void
            take()
            clock.setTimeout(() => back(), 10 * left)
          }
          await clock.advanceAsync(pause)
        }
        await clock.advanceAsync(1_000)
        await settle()
        expect([waiting, credits.inFlight]).toEqual([0, 0])
        expect(credits.room(9)).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  })
})
