import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { early, onCount, onWatermark } from '../../src/time/triggers.ts'
import { globalWindow, lastStart, session, sliding, tumbling } from '../../src/time/windows.ts'

/** Flink's TimeWindow.getWindowStartWithOffset, on 64-bit integers as there. */
function flinksStart(timestamp: number, slide: number, offset: number): number {
  const size = BigInt(slide)
  const remainder = (BigInt(timestamp) - BigInt(offset)) % size
  return Number(BigInt(timestamp) - (remainder < 0n ? remainder + size : remainder))
}

const refused = (what: string): unknown =>
  expect.objectContaining({ code: 'BAD_OPTION', consequence: 'fatal', message: expect.stringContaining(what) })

describe('the start of a window', () => {
  it('is the highest multiple of the slide that is not above the time, below zero too', () => {
    const starts = [-11, -10, -1, 0, 9, 10].map((time) => lastStart(time, 10, 0))
    expect(starts).toEqual([-20, -10, -10, 0, 0, 10])
  })

  it('is moved by the offset, to either side', () => {
    expect([-7, 2, 3, 12, 13].map((time) => lastStart(time, 10, 3))).toEqual([-7, -7, 3, 3, 13])
    expect([-4, -3, 6, 7].map((time) => lastStart(time, 10, -3))).toEqual([-13, -3, -3, 7])
  })

  it('is what Flink says, for all times that numbers hold exactly', () => {
    const slides = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 }))
    const cases = slides.chain((slide) =>
      fc.tuple(
        fc.oneof(fc.integer({ min: -300, max: 300 }), fc.maxSafeInteger()),
        fc.constant(slide),
        fc.integer({ min: 1 - slide, max: slide - 1 }),
      ),
    )
    fc.assert(
      fc.property(cases, ([time, slide, offset]) => {
        const start = lastStart(time, slide, offset)
        expect(start + 0).toBe(flinksStart(time, slide, offset))
        expect(start <= time && time - start < slide).toBe(true)
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })
})

describe('assigners', () => {
  it('take whole ms from 1', () => {
    for (const ms of [0, -1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => tumbling(ms)).toThrow(refused(`tumbling: size is ${ms}`))
      expect(() => sliding(ms, 5)).toThrow(refused(`sliding: size is ${ms}`))
      expect(() => sliding(5, ms)).toThrow(refused(`sliding: slide is ${ms}`))
      expect(() => session(ms)).toThrow(refused(`session: gap is ${ms}`))
    }
  })

  it('take an offset smaller than the slide, as in Flink', () => {
    for (const offset of [10, -10, 0.5, NaN]) {
      expect(() => tumbling(10, { offset })).toThrow(refused(`tumbling: offset is ${offset}`))
    }
    expect(() => sliding(10, 5, { offset: 5 })).toThrow(refused('sliding: offset is 5'))
    expect(sliding(10, 5, { offset: -4 })).toEqual({ kind: 'fixed', size: 10, slide: 5, offset: -4 })
    expect(tumbling(10, { offset: 9 })).toEqual({ kind: 'fixed', size: 10, slide: 10, offset: 9 })
  })

  it('are plain values', () => {
    expect([session(5), globalWindow()]).toEqual([{ kind: 'session', gap: 5 }, { kind: 'global' }])
  })
})

describe('triggers', () => {
  it('count from 1', () => {
    for (const n of [0, -1, 1.5, NaN, Infinity]) expect(() => onCount(n)).toThrow(refused(`onCount: n is ${n}`))
    expect(onCount(1, { purge: true })).toEqual({ kind: 'count', count: 1, purge: true })
  })

  it('are early by whole ms that a timer can wait', () => {
    for (const ms of [0, -1, 1.5, NaN, 2 ** 31]) expect(() => early(ms)).toThrow(refused(`early: ms is ${ms}`))
    expect([early(1), onWatermark()]).toEqual([{ kind: 'early', every: 1 }, { kind: 'watermark' }])
  })
})
