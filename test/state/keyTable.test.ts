/**
 * Rows by key: found after any insertions, removals and moves, and iterated without missing one.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key } from '../../src/record.ts'
import { encodeKey } from '../../src/state/keys.ts'
import {
  findRow,
  findRowOf,
  insertRow,
  type KeyTable,
  keyBytes,
  keyOf,
  keyTable,
  removeRow,
} from '../../src/state/keyTable.ts'
import { next, walk } from '../../src/state/keyWalk.ts'

const all = (): boolean => true

function put(table: KeyTable<number>, key: Key, value: number): void {
  if (findRow(table, key)) table.segment.values[table.slot] = value
  else insertRow(table, value, 0)
}

function remove(table: KeyTable<number>, key: Key): void {
  if (findRow(table, key)) removeRow(table, table.segment, table.slot)
}

const found = (table: KeyTable<number>, key: Key): number | undefined =>
  findRow(table, key) ? table.segment.values[table.slot] : undefined

function walked(table: KeyTable<number>): readonly Key[] {
  const keys: Key[] = []
  for (const at = walk(table); next(table, at, all); ) keys.push(keyOf(at.segment, at.slot))
  return keys
}

const key: fc.Arbitrary<Key> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', 'x'.repeat(127), 'x'.repeat(126), 'é'.repeat(100), 'x'.repeat(20_000)),
  fc.double({ noNaN: true }),
  fc.integer({ min: -50, max: 50 }),
  fc.bigInt(),
  fc.boolean(),
)

describe('a table by key', () => {
  it('is a Map, for keys of every kind', () => {
    const act = fc.record({ key, value: fc.integer(), removed: fc.boolean() })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const table = keyTable<number>()
        const model = new Map<Key, number>()
        for (const { key, value, removed } of acts) {
          if (removed) remove(table, key)
          else put(table, key, value)
          if (removed) model.delete(key)
          else model.set(key, value)
        }
        for (const { key } of acts) {
          expect(found(table, key)).toBe(model.get(key))
          expect(findRowOf(table, encodeKey(key))).toBe(model.has(key))
        }
        expect(table.rows).toBe(model.size)
        expect(new Set(walked(table))).toEqual(new Set(model.keys()))
      }),
    )
  })

  it('finds a hundred thousand keys again, after as many have come and gone, in segments of a few thousand', () => {
    const table = keyTable<number>()
    for (let i = 0; i < 200_000; i++) {
      put(table, `key-${i}`, i)
      if (i >= 100_000) remove(table, `key-${i - 100_000}`)
    }
    let wrong = 0
    for (let i = 0; i < 200_000; i++) if (found(table, `key-${i}`) !== (i < 100_000 ? undefined : i)) wrong += 1
    expect(wrong).toBe(0)
    expect(table.rows).toBe(100_000)
    const segments = [...new Set(table.segments)]
    expect(segments.length).toBeGreaterThan(10)
    expect(Math.max(...segments.map(({ stamps }) => stamps.length))).toBeLessThanOrEqual(8_192)
    // What has gone takes no room for ever.
    expect(Math.max(...segments.map(({ bytes }) => bytes.length))).toBeLessThan(400_000)
  })

  it('has the bytes of its keys as snapshots have them', () => {
    fc.assert(
      fc.property(key, (one) => {
        const table = keyTable<number>()
        put(table, one, 1)
        expect(keyBytes(table.segment, table.slot)).toEqual(encodeKey(one))
      }),
    )
  })
})

describe('a walk', () => {
  it('misses no row that is there all the time, whatever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 9 }), (filled, more) => {
        const table = keyTable<number>()
        for (let i = 0; i < filled; i++) put(table, i, i)
        const seen = new Set<Key>()
        let added = filled
        for (const at = walk(table); next(table, at, all); ) {
          seen.add(keyOf(at.segment, at.slot))
          if (added > 5 * filled) continue
          for (let i = 0; i < more; i++) put(table, added++, 0)
          remove(table, added - 1)
        }
        for (let i = 0; i < filled; i++) if (!seen.has(i)) expect.fail(`${i} was missed`)
      }),
      { numRuns: 30 },
    )
  })

  it('passes over the segments that are not wanted', () => {
    const table = keyTable<number>()
    for (let i = 0; i < 20_000; i++) put(table, i, i)
    findRow(table, 7)
    const wanted = table.segment
    let seen = 0
    for (const at = walk(table); next(table, at, (segment) => segment === wanted); ) seen += 1
    expect(seen).toBe(wanted.rows)
    expect(seen).toBeLessThan(10_000)
  })
})
