import { describe, expect, it } from 'vitest'
import type { LedgerEntry } from '../../../src/contracts/ledger.ts'
import { changedEntry, changeOf } from '../../../src/job/change/jobChange.ts'

const entry: LedgerEntry = {
  ...{ lineage: 'l', checkpoint: 7, owner: 'o', snapshot: null, handles: {} },
  positions: [
    {
      source: 'orders',
      splits: [
        { topic: 'new', partition: 0, offset: 4 },
        { topic: 'old', partition: 0, offset: 9 },
      ],
    },
  ],
}
const ends = { has: (id: string) => id === 'orders', topicsOf: () => ['new'] }

describe('the entry of an older version', () => {
  it('loses topics that its source no longer reads, if they may be dropped', () => {
    const change = changeOf({ allowDropped: { sources: ['orders'] } })
    expect(changedEntry(entry, change, ends).positions).toEqual([
      { source: 'orders', splits: [{ topic: 'new', partition: 0, offset: 4 }] },
    ])
  })

  it('loses a sink that is no longer there, if it may be dropped', () => {
    const two: LedgerEntry = { ...entry, handles: { audit: 'a', orders: 'b' } }
    const change = changeOf({ allowDropped: { sinks: ['audit'] } })
    expect(changedEntry(two, change, ends).handles).toEqual({ orders: 'b' })
    expect(changedEntry(two, changeOf({}), ends).handles).toEqual({ audit: 'a', orders: 'b' })
  })

  it('keeps them otherwise, and is the same object', () => {
    expect(changedEntry(entry, changeOf({}), ends)).toBe(entry)
    expect(
      changedEntry(entry, changeOf({ allowDropped: { sources: ['orders'] } }), { ...ends, topicsOf: () => undefined }),
    ).toBe(entry)
  })
})
