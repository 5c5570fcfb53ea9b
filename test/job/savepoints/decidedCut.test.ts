/** The cut of a job that has stopped in all its processes: no shard may go on behind it. */
import { describe, expect, it } from 'vitest'
import type { LedgerEntry } from '../../../src/contracts/ledger.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { shardSlotsText } from '../../../src/contracts/slotsText.ts'
import { decidedCut } from '../../../src/job/savepoints/decidedCut.ts'

const slots = [0, 1, 0, 1]
const plan: Plan = { number: 3, lineage: 'l', slots, owners: ['a', 'b'], members: {} }

function entryOf(shard: number, more: Partial<LedgerEntry> = {}): LedgerEntry {
  const signed = { owner: 'a', plan: 3, slots: shardSlotsText(slots, shard), ...more }
  return { lineage: 'l', checkpoint: 7, snapshot: null, positions: [], handles: {}, ...signed }
}

/** Each read of a shard takes its next entry; the last one stays. */
function cutOf(entries: readonly (readonly LedgerEntry[])[], atRest = true) {
  const left = entries.map((all) => [...all])
  const store = {
    place: 'a ledger',
    read: async () => plan,
    async entry(shard: number) {
      const its = left[shard] ?? []
      return (its.length > 1 ? its.shift() : its[0]) ?? null
    },
  }
  return decidedCut({ job: 'j', store, atRest })
}

const let0 = entryOf(0, { released: 3 })
const let1 = entryOf(1, { released: 3 })

describe('the cut of a stopped job', () => {
  it('is there once every shard was let go', async () => {
    expect(await cutOf([[let0], [let1]])).toEqual({ slots, entries: [let0, let1] })
  })

  it('waits for a shard that still runs, which a cut of a running job does not', async () => {
    expect(await cutOf([[let0], [entryOf(1)]])).toBeNull()
    expect(await cutOf([[let0], [entryOf(1)]], false)).not.toBeNull()
  })

  it.each([
    ['taken by another process', entryOf(0, { owner: 'c', plan: 4 })],
    ['taken again by its owner', entryOf(0)],
    ['taken, run and let go', entryOf(0, { owner: 'a', checkpoint: 8, released: 3 })],
    ['let go by another process', entryOf(0, { owner: 'c', released: 3 })],
    ['let go under another plan', entryOf(0, { plan: 4, released: 4 })],
  ])('is none if a shard was %s while the others were read', async (_, next) => {
    expect(await cutOf([[let0, next], [let1]])).toBeNull()
  })
})
