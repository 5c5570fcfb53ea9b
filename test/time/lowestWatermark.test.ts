import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idle, type StreamElement, watermark } from '../../src/element.ts'
import { lowestWatermark } from '../../src/time/lowestWatermark.ts'

type Call = readonly [name: 'rise' | 'active' | 'idle' | 'end' | 'add', input: number, timestamp: number]

/** The same without any cleverness: looks at all inputs each time. */
function naive(inputs: number, emit: (element: StreamElement<never>) => void) {
  const all = Array.from({ length: inputs }, () => ({ timestamp: -Infinity, is: 'active' }))
  let [emitted, silent] = [-Infinity, false]
  return ([name, input, timestamp]: Call): void => {
    if (name === 'add') all.push({ timestamp, is: 'active' })
    const one = all[input % all.length] as (typeof all)[number]
    if (name === 'idle' || name === 'end') one.is = name
    if (name === 'rise' || name === 'active') one.is = 'active'
    if (name === 'rise') one.timestamp = Math.max(one.timestamp, timestamp)
    const active = all.filter(({ is }) => is === 'active')
    if (active.length > 0) silent = false
    if (name === 'active' || name === 'add') return
    const lowest = Math.min(...active.map((one) => one.timestamp))
    if (active.length > 0 && lowest > emitted) {
      emitted = lowest
      emit(watermark(lowest))
    }
    if (active.length === 0 && !silent && all.some(({ is }) => is === 'idle')) {
      silent = true
      const highest = Math.max(...all.filter(({ is }) => is === 'idle').map((one) => one.timestamp))
      if (highest > emitted) {
        emitted = highest
        emit(watermark(highest))
      }
      emit(idle)
    }
  }
}

describe('the lowest watermark', () => {
  it('is what looking at all inputs each time would find, whatever happens to them, and only rises', () => {
    const name = fc.constantFrom<Call[0][]>('rise', 'rise', 'rise', 'rise', 'active', 'idle', 'end', 'add')
    const call = fc.tuple(name, fc.nat(5), fc.oneof(fc.nat(20), fc.constantFrom(-Infinity, Infinity, -5)))
    fc.assert(
      fc.property(fc.nat(4), fc.array(call, { maxLength: 60 }), (others, calls) => {
        const [expected, emitted]: StreamElement<never>[][] = [[], []]
        let inputs = others + 1
        const model = naive(inputs, (element) => expected?.push(element))
        const lowest = lowestWatermark(inputs, (element) => emitted?.push(element))
        for (const one of calls) {
          const [name, at, timestamp] = one
          model(one)
          if (name === 'add') expect(lowest.add(timestamp)).toBe(inputs++)
          else if (name === 'rise') lowest.rise(at % inputs, timestamp)
          else lowest[name](at % inputs)
        }
        expect(emitted).toEqual(expected)
        const times = emitted?.flatMap((one) => (one.kind === 'watermark' ? [one.timestamp] : []))
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is told with the next input that rises, where one was added while all were idle', () => {
    const emitted: unknown[] = []
    const lowest = lowestWatermark(1, (element) => emitted.push(element))
    lowest.idle(0)
    lowest.add(1)
    lowest.add(0)
    lowest.rise(1, 1)
    expect(emitted).toEqual([idle, watermark(0)])
  })

  it('lets several inputs become idle at once without rising to that of one of them on the way', () => {
    const emitted: unknown[] = []
    const lowest = lowestWatermark(2, (element) => emitted.push(element))
    lowest.rise(0, 5)
    lowest.rise(1, 9)
    lowest.idle(0, 1)
    expect(emitted).toEqual([watermark(5), watermark(9), idle])
  })

  it.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'is the highest of all once they are idle, in whatever order that happens: %j',
    (order) => {
      const emitted: unknown[] = []
      const lowest = lowestWatermark(3, (element) => emitted.push(element))
      for (const [input, timestamp] of [5, 9, 7].entries()) lowest.rise(input, timestamp)
      for (const input of order) lowest.idle(input)
      expect(lowest.emitted).toBe(9)
      expect(emitted.at(-1)).toBe(idle)
      lowest.rise(0, 6)
      lowest.rise(0, 10)
      expect(emitted.slice(-2)).toEqual([idle, watermark(10)])
    },
  )

  it('leaves out inputs that have ended, which may have been told that time is over', () => {
    const emitted: unknown[] = []
    const lowest = lowestWatermark(2, (element) => emitted.push(element))
    lowest.rise(0, 5)
    lowest.idle(0)
    lowest.end(1)
    lowest.rise(1, Infinity)
    expect(emitted.slice(0, 2)).toEqual([watermark(5), idle])
  })
})
