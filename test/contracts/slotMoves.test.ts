import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { movedSlots, shardsConcerned, withSlots } from '../../src/contracts/slotMoves.ts'
import { firstSlots } from '../../src/contracts/slotTable.ts'

const shards = fc.integer({ min: 1, max: 40 })

describe('a table of slots for another number of shards', () => {
  it('moves nothing for the same number', () => {
    for (let count = 1; count <= 40; count++) expect(movedSlots(firstSlots(count), count)).toEqual(firstSlots(count))
  })

  it('moves only what new shards get when there are more', () => {
    expect(movedSlots([0, 1, 0, 1, 0, 1, 0, 1, 0], 3)).toEqual([0, 1, 2, 1, 0, 2, 0, 1, 2])
  })

  it('gives each shard its share of every topic, however few partitions that has', () => {
    fc.assert(
      fc.property(fc.array(shards, { minLength: 2, maxLength: 6 }), fc.nat(255), (counts, last) => {
        const [first = 1, ...others] = counts
        const table = others.reduce((slots, count) => movedSlots(slots, count), firstSlots(first))
        const count = others.at(-1) as number
        const partitions = table.slice(0, last + 1)
        const each = Array.from({ length: count }, (_, shard) => partitions.filter((of) => of === shard).length)
        expect(Math.max(...each)).toBeLessThanOrEqual(Math.ceil(partitions.length / count))
        expect(table.length).toBe(firstSlots(first).length)
      }),
    )
  })

  it('names those that give or get', () => {
    expect(shardsConcerned([0, 1, 2, 3], [0, 1, 4, 3])).toEqual([2, 4])
    expect(shardsConcerned([0, 1], [0, 1])).toEqual([])
  })

  it('gives single slots to one shard', () => {
    expect(withSlots([0, 1, 0, 1], [0, 3], 2)).toEqual([2, 1, 0, 2])
  })
})
