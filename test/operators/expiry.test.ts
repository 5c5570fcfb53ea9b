/** Expiry of state: the operators with a `ttl`. */
import { describe, expect, it } from 'vitest'
import { watermark } from '../../src/element.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { scan } from '../../src/operators/scan.ts'
import { run, type TestSnapshot } from '../../src/testing/index.ts'
import { byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

/** A frame is a millisecond. */
const counted = (ttl?: number) => byLetter(scan((count: number, _: string) => count + 1, 0, { id: 'counted', ttl }))
const seen = (picture: string, ttl?: number, options: LetterOptions = {}) =>
  valuesOf(run(counted(ttl), picture, options).elements)

/** How many bytes of state there are. */
const sizeOf = (snapshot: TestSnapshot): number =>
  [...snapshot.entries.values()].flat().reduce((sum, { bytes }) => sum + bytes.length, 0)

const values = { V: watermark(1_000), W: watermark(Infinity) }

describe('a state with a time to live', () => {
  it('is found by records up to that time after it was last set', () => {
    expect(seen('Ra---a----a---------a', 10)).toEqual([1, 2, 3, 1])
    expect(seen('Ra---a----a--------a-', 10)).toEqual([1, 2, 3, 4])
  })

  it('is found by records, even after the watermark, until it is removed', () => {
    expect(seen('Ra-V-a', 10, { values })).toEqual([1, 2])
    expect(seen('Ra-V-b-1-a', 10, { values })).toEqual([1, 1, 1])
  })

  it('is dropped once the watermark has passed its time, and is not in the snapshot any more', () => {
    const full = run(counted(10), 'Rabcdef-1-', {})
    const dropped = run(counted(10), 'Rabcdef-V-g-1-', { values })
    expect(sizeOf(dropped.snapshot(1))).toBeLessThan(sizeOf(full.snapshot(1)) / 3)
  })

  it('is dropped by the highest timestamp if there are no watermarks', () => {
    const full = run(counted(10), 'Rabcdef-----g-1-', {})
    const late = run(counted(10), 'Rabcdef--------------------g-1-', {})
    expect(sizeOf(late.snapshot(1))).toBeLessThan(sizeOf(full.snapshot(1)) / 3)
  })

  it('is restored with the time that it has left', () => {
    const restoreFrom = run(counted(10), '-----Ra-1-', {}).snapshot(1)
    expect(seen('-----R---------a', 10, { restoreFrom })).toEqual([2])
    expect(seen('-----R----------a', 10, { restoreFrom })).toEqual([1])
  })

  it('is not dropped by the end of the input: there may be more after a restart', () => {
    const restoreFrom = run(counted(10), 'Rab-W-a-1-', { values }).snapshot(1)
    expect(seen('R------ab', 10, { restoreFrom })).toEqual([3, 2])
    const once = byLetter(dedupe((letter) => letter, 10, { id: 'once' }))
    const before = run(once, 'Ra-W-1-', { values })
    expect(run(once, 'R---a', { restoreFrom: before.snapshot(1) }).marbles).toBe('R----')
  })

  it('may be forgotten before', () => {
    const toggle = byLetter(
      scan((on: true | undefined, _: string) => (on ? undefined : true), undefined, { id: 'on', ttl: 10 }),
    )
    const first = run(toggle, 'Ra-a-1-a-2-')
    expect(valuesOf(first.elements)).toEqual([true, undefined, true])
    const after = (checkpoint: number) =>
      valuesOf(run(toggle, 'R-----a', { restoreFrom: first.snapshot(checkpoint) }).elements)
    expect([after(1), after(2)]).toEqual([[true], [undefined]])
  })

  it('may get it at a restart, and lose it at another', () => {
    const without = run(counted(), 'Ra-1-a-', {}).snapshot(1)
    const withTtl = run(counted(10), 'R-a-2-', { restoreFrom: without })
    expect(valuesOf(withTtl.elements)).toEqual([2])
    expect(seen('R-----------------a', undefined, { restoreFrom: withTtl.snapshot(2) })).toEqual([3])
    expect(seen('R-----------------a', 10, { restoreFrom: withTtl.snapshot(2) })).toEqual([1])
  })
})
