import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../src/element.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { fed } from './fed.ts'

describe('the watermarks of a source, whatever is played,', () => {
  const split = fc.stringMatching(/^[0-9-]{0,30}$/)
  const bounds = fc.nat(4)

  it('are the lowest of what each split says, only rise, and follow the record that they rise with', () => {
    fc.assert(
      fc.property(fc.array(split, { minLength: 1, maxLength: 5 }), bounds, (pictures, bound) => {
        const source = fed(boundedOutOfOrderness(bound), pictures.length)
        source.play(...pictures)
        const highest = pictures.map(() => -Infinity)
        const expected: StreamElement<unknown>[] = []
        let emitted = -Infinity
        for (const element of source.elements) {
          if (element.kind === 'watermark') continue
          expected.push(element)
          if (element.kind !== 'record') continue
          const { partition } = element.split
          highest[partition] = Math.max(highest[partition] as number, element.timestamp)
          const lowest = Math.min(...highest) - bound - 1
          if (lowest <= emitted) continue
          emitted = lowest
          expected.push({ kind: 'watermark', timestamp: lowest })
        }
        expect(source.elements).toEqual(expected)
      }),
    )
  })

  it('with idle splits are what looking at every split in every frame would find', () => {
    const pictures = fc.array(split, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(pictures, bounds, fc.integer({ min: 1, max: 12 }), (pictures, bound, idleness) => {
        const source = fed(boundedOutOfOrderness(bound).withIdleness(idleness), pictures.length)
        source.play(...pictures)
        expect(source.elements.slice(1).map(drawn)).toEqual(naive(pictures, bound, idleness))
      }),
      { numRuns: 500 },
    )
  })

  const drawn = (element: StreamElement<unknown>): string =>
    element.kind === 'record' || element.kind === 'watermark' ? `${element.kind} ${element.timestamp}` : element.kind

  function naive(pictures: readonly string[], bound: number, idleness: number): readonly string[] {
    const splits = pictures.map((picture) => ({ picture, highest: -Infinity, seen: 0, idle: false }))
    const out: string[] = []
    let [emitted, silent] = [-Infinity, false]
    const look = (): void => {
      const active = splits.filter(({ idle }) => !idle)
      const before = silent
      silent = active.length === 0
      // Where all are idle nobody waits for the lowest one.
      const counts = silent
        ? Math.max(...splits.map(({ highest }) => highest))
        : Math.min(...active.map(({ highest }) => highest))
      const mark = counts - bound - 1
      if (mark > emitted) {
        emitted = mark
        out.push(`watermark ${mark}`)
      }
      if (silent && !before) out.push('idle')
    }
    const frames = Math.max(...pictures.map(({ length }) => length))
    for (let frame = 1; frame <= frames; frame++) {
      for (const one of splits) one.idle ||= frame - one.seen >= idleness
      look()
      for (const one of splits) {
        const marble = one.picture[frame - 1] ?? '-'
        if (marble === '-') continue
        out.push(`record ${marble}`)
        Object.assign(one, { highest: Math.max(one.highest, Number(marble)), seen: frame, idle: false })
        look()
      }
    }
    return out
  }
})
