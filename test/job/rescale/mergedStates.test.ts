import { describe, expect, it } from 'vitest'
import { type MergeRules, mergedStates, type StatePart } from '../../../src/job/rescale/mergedStates.ts'
import type { Json } from '../../../src/record.ts'

const rules: MergeRules = {
  of: 8,
  divided: new Set(['source']),
  everywhere: new Set(['rules']),
  keyed: new Set(['count']),
  mayDrop: (operator) => operator === 'gone',
}

function part(slots: readonly number[], states: Readonly<Record<string, Json>>): StatePart {
  return { slots, states: new Map(Object.entries(states)) }
}

const merged = (...parts: readonly StatePart[]) => Object.fromEntries(mergedStates(parts, parts[0] as StatePart, rules))

describe('small states of several givers', () => {
  it('of a source are the lowest watermark, and the times of the own splits', () => {
    const split = (partition: number, timestamp: number) => ({ topic: 't', partition, timestamp })
    expect(
      merged(
        part([0, 2], { source: { emitted: 7, splits: [split(0, 9), split(1, 8), split(10, 12)] } }),
        part([3], { source: { emitted: 5, splits: [split(3, 6), split(5, 5)] } }),
      ),
    ).toEqual({ source: { emitted: 5, splits: [split(0, 9), split(10, 12), split(3, 6)] } })
  })

  it('of a source have no watermark where one giver has none', () => {
    const parts = [part([0], { source: { emitted: 7, splits: [] } }), part([1], { source: { splits: [] } })]
    expect(merged(...parts)).toEqual({ source: { splits: [] } })
  })

  it('of a keyed operator are the lowest watermark, with the higher ones as floors of their slots', () => {
    expect(merged(part([0, 1], { count: { watermark: 9 } }), part([4], { count: { watermark: 5 } }))).toEqual({
      count: { watermark: 5, floors: [{ slots: '0-1', watermark: 9 }].map((one) => ({ ...one, slots: '0,1' })), of: 8 },
    })
  })

  it('of a keyed operator keep the floors that a giver has got itself', () => {
    const given = { watermark: 5, floors: [{ slots: '4', watermark: 8 }], of: 8 }
    expect(merged(part([4, 5], { count: given }), part([6], { count: { watermark: 6 } }))).toEqual({
      count: {
        watermark: 5,
        floors: [
          { slots: '4', watermark: 8 },
          { slots: '6', watermark: 6 },
        ],
        of: 8,
      },
    })
  })

  it('of a keyed operator of which one giver knows nothing hold the watermark back, and no slot', () => {
    expect(merged(part([0], { count: { watermark: 9 } }), part([1], {}))).toEqual({
      count: { watermark: null, floors: [{ slots: '0', watermark: 9 }], of: 8 },
    })
  })

  it('of what every shard reads are those of one', () => {
    expect(merged(part([0], { rules: { a: 1 } }), part([1], { rules: { b: 1 } }))).toEqual({ rules: { a: 1 } })
  })

  it("of an operator of somebody's own are refused, unless they may be dropped", () => {
    expect(() => merged(part([0], { own: 1 }))).toThrow(
      expect.objectContaining({ code: 'STATE_HAS_NO_SLOT', where: { operator: 'own' } }),
    )
    expect(merged(part([0], { gone: 1 }))).toEqual({})
  })
})
