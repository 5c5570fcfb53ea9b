import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstSlots, shardOf, slotsText } from '../../src/contracts/slotTable.ts'

/** The slots that a text names. */
function parsed(text: string): readonly number[] {
  if (text === '') return []
  return text.split(',').flatMap((run) => {
    const [, first = '', last = first, step = '1'] = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(run) ?? []
    const count = (Number(last) - Number(first)) / Number(step) + 1
    return Array.from({ length: count }, (_, at) => Number(first) + at * Number(step))
  })
}

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

describe('the slots of a shard as text', () => {
  test.each<[string, readonly number[], string]>([
    ['all', [0, 0, 0, 0], '0-3'],
    ['every other one', [0, 1, 0, 1, 0, 1], '0-4/2'],
    ['none', [1, 1], ''],
    ['two neighbours', [0, 0, 1, 1], '0-1'],
    ['two that are apart', [0, 1, 1, 0], '0,3'],
    ['a run and one more', [0, 0, 0, 1, 1, 1, 0], '0-2,6'],
  ])('%s', (_, slots, text) => {
    expect(slotsText(slots, 0)).toBe(text)
  })

  test('names exactly its slots, whatever the table', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 300 }), (slots) => {
        for (let shard = 0; shard < 4; shard++) {
          const own = slots.flatMap((of, slot) => (of === shard ? [slot] : []))
          expect(parsed(slotsText(slots, shard))).toEqual(own)
        }
      }),
    )
  })

  test('is short for a job that begins', () => {
    expect(slotsText(firstSlots(4), 1)).toBe('1-253/4')
    for (let shards = 1; shards <= 256; shards++) expect(slotsText(firstSlots(shards), 0).length).toBeLessThan(12)
  })
})
