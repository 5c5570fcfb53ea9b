import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCredits } from '../src/credits.ts'
import { settle } from '../src/testing/index.ts'

describe('credits', () => {
  it('counts what is taken and given back', () => {
    const credits = createCredits()
    credits.take()
    credits.take(4)
    credits.give(2)
    expect(credits.inFlight).toBe(3)
  })

  it('throws when more is given back than was taken, and then still counts right', () => {
    const credits = createCredits()
    credits.take(2)
    expect(() => credits.give(3)).toThrow(expect.objectContaining({ code: 'CREDITS_NEGATIVE', consequence: 'fatal' }))
    expect(credits.inFlight).toBe(2)
  })

  it('resolves below(limit) at once if fewer are in flight', async () => {
    const credits = createCredits()
    credits.take(1)
    await expect(credits.below(2)).resolves.toBeUndefined()
  })

  it('lets each waiter go when, and not before, fewer than its limit are in flight', async () => {
    const credits = createCredits()
    const gone: number[] = []
    credits.take(10)
    for (const limit of [3, 8, 5]) void credits.below(limit).then(() => gone.push(limit))
    const give = async (records: number) => {
      credits.give(records)
      await settle()
      return [...gone]
    }
    expect(await give(2)).toEqual([])
    expect(await give(1)).toEqual([8])
    expect(await give(2)).toEqual([8])
    expect(await give(4)).toEqual([8, 3, 5])
  })

  it('is starved while somebody waits, and tells so each time that somebody starts to', async () => {
    const credits = createCredits()
    let told = 0
    credits.onStarved(() => {
      told += 1
      expect(credits.starved).toBe(true)
    })
    credits.take(5)
    await credits.below(6)
    expect([told, credits.starved]).toEqual([0, false])
    void credits.below(5)
    void credits.below(1)
    expect([told, credits.starved]).toEqual([2, true])
    credits.give()
    expect(credits.starved).toBe(true)
    credits.give(4)
    expect(credits.starved).toBe(false)
  })

  it('wakes a waiter whose listener gives records back at once', async () => {
    const credits = createCredits()
    credits.onStarved(() => credits.give(2))
    credits.take(2)
    await expect(credits.below(1)).resolves.toBeUndefined()
  })

  it('never loses a waiter, whatever is taken and given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })), { maxLength: 30 }),
        async (steps) => {
          const credits = createCredits()
          let woken = 0
          for (const [take, limit] of steps) {
            credits.take(take)
            void credits.below(limit).then(() => {
              woken += 1
            })
          }
          for (let left = credits.inFlight; left > 0; left--) credits.give()
          await settle()
          expect(woken).toBe(steps.length)
        },
      ),
      { numRuns: 50 },
    )
  })
})
