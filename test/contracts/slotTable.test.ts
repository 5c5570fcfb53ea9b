import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { slotsText } from '../../src/contracts/slotsText.ts'
import { firstSlots, shardOf, slotsOf } from '../../src/contracts/slotTable.ts'

describe('the slot table of a job that begins', () => {
  test('gives partition p to shard p % shards, as before there were slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 256 }), fc.nat(100_000), (shards, partition) => {
        expect(shardOf(firstSlots(shards), partition)).toBe(partition % shards)
      }),
    )
  })

  test('has at least 256 slots, the same number for each shard', () => {
    for (let shards = 1; shards <= 256; shards++) {
      const slots = firstSlots(shards)
      expect(slots.length).toBe(shards * Math.ceil(256 / shards))
      const counts = Array.from({ length: shards }, (_, shard) => slots.filter((of) => of === shard).length)
      expect(new Set(counts).size).toBe(1)
    }
  })
})

describe('the slots of a shard', () => {
  test('are those that the table gives to it, whatever the table', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 300 }), (slots) => {
        const given = [0, 1, 2, 3].flatMap((shard) => slotsOf(slots, shard).map((slot) => [slot, shard]))
        expect(new Map(given as [number, number][])).toEqual(new Map(slots.map((shard, slot) => [slot, shard])))
      }),
    )
  })

  test('are a short text for a job that begins', () => {
    expect(slotsText(slotsOf(firstSlots(4), 1))).toBe('1-253/4')
    for (let shards = 1; shards < 256; shards++) {
      expect(slotsText(slotsOf(firstSlots(shards), 0)).length).toBeLessThan(12)
    }
  })
})
