/** Costs of checkpoints: bytes, rounds and the length of the chain. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { json } from '../../src/serde/json.ts'
import type { LoadableStore } from '../../src/state/operatorStore.ts'
import type { ValueTable } from '../../src/state/valueTable.ts'
import { type History, history, memoryStore } from './history.ts'

const spec = { serde: json<string>() }

interface Stage {
  readonly store: LoadableStore
  readonly table: ValueTable<number, string>
  readonly past: History
  readonly checkpoint: () => number
}

function stage(filled: number, value = 'v'.repeat(86)): Stage {
  const store = memoryStore()
  const table = store.values<number, string>('values', spec)
  store.loaded(1)
  const past = history(store)
  for (let key = 0; key < filled; key++) table.set(key, value)
  let n = 0
  const checkpoint = (): number => {
    past.barrier(++n)
    past.pull()
    return n
  }
  return { store, table, past, checkpoint }
}

const entriesOf = (table: ValueTable<number, string>) => [...table.keys()].map((key) => [key, table.get(key)] as const)

/** An entry of `stage` is 100 bytes: 10 for the key, 1 for no sub, 1 for the length, 88 for the JSON. */
const entry = 100
const KiB = 1024

describe('a checkpoint', () => {
  it('writes nothing where nothing has changed, whatever the size', () => {
    for (const filled of [0, 10, 5_000]) {
      const { checkpoint, past } = stage(filled)
      checkpoint()
      expect(past.bytes(checkpoint())).toBe(0)
    }
  })

  it('writes a small table whole, and needs no older one', () => {
    const { table, checkpoint, past } = stage(600)
    checkpoint()
    table.set(7, 'changed')
    const n = checkpoint()
    expect(past.chain(n)).toEqual([n])
    expect(past.bytes(n)).toBeGreaterThan(599 * entry)
  })

  it('writes of a larger one about twice what has changed, or 64 KiB, or a 64th', () => {
    fc.assert(
      fc.property(fc.integer({ min: 700, max: 20_000 }), fc.integer({ min: 1, max: 3_000 }), (filled, changes) => {
        const { table, checkpoint, past } = stage(filled)
        checkpoint()
        const changed = Math.min(filled, changes)
        for (let key = 0; key < changed; key++) table.set(key, 'w'.repeat(86))
        const bytes = past.bytes(checkpoint())
        expect(bytes).toBeGreaterThanOrEqual(changed * entry)
        expect(bytes).toBeLessThanOrEqual(changed * entry + Math.max(66 * KiB, (changed + filled / 64 + 1) * entry))
      }),
      { numRuns: 15 },
    )
  })

  it('counts bytes, not entries: few large values are no small table', () => {
    const { table, checkpoint, past } = stage(200, 'x'.repeat(10_000))
    checkpoint()
    table.set(0, 'y')
    expect(past.bytes(checkpoint())).toBeLessThan(90 * KiB)
  })

  it('is made in blocks of about 64 KiB, so that others have their turn', () => {
    const { store } = stage(10_000)
    const blocks = [...(store.snapshot(1, null).entries?.blocks() ?? [])]
    const sizes = blocks.map(({ bytes }) => bytes.length)
    expect(sizes.length).toBeGreaterThan(10)
    expect(Math.max(...sizes)).toBeLessThan(66 * KiB)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(62 * KiB)
  })
})

describe('a round', () => {
  it('ends after at most 64 checkpoints with changes, and so the chain has at most 129', () => {
    const change = fc.record({
      kind: fc.constantFrom('add', 'change', 'delete', 'replace'),
      count: fc.integer({ min: 1, max: 400 }),
    })
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1_000, max: 12_000 }),
        (cycle, filled) => {
          const { table, checkpoint, past } = stage(filled)
          let next = filled
          let oldest = 0
          for (let n = 1; n <= 200; n++) {
            const { kind, count } = cycle[n % cycle.length] as (typeof cycle)[number]
            for (let i = 0; i < count; i++) {
              if (kind === 'add' || kind === 'replace') table.set(next++, 'new'.repeat(29))
              if (kind === 'change' && oldest < next)
                table.set(oldest + (i % (next - oldest)), `changed ${n}`.repeat(8))
              if ((kind === 'delete' || kind === 'replace') && oldest < next - 1_500) table.delete(oldest++)
            }
            expect(past.chain(checkpoint()).length).toBeLessThanOrEqual(129)
          }
        },
      ),
      { numRuns: 4 },
    )
  }, 30_000)

  it('ends in time however fast the table grows', () => {
    const { table, checkpoint, past } = stage(700)
    let next = 700
    let last = 0
    for (let n = 1; n <= 135; n++) {
      for (let i = table.size * 0.03; i > 0; i--) table.set(next++, 'v'.repeat(86))
      last = checkpoint()
    }
    expect(past.chain(last).length).toBeLessThanOrEqual(129)
  })

  it('ends in time also where everything that has had its turn is then deleted', () => {
    const { table, checkpoint, past } = stage(30_000)
    const order = [...table.keys()]
    let longest = 0
    for (let n = 1; n <= 150; n++) {
      for (const key of order.splice(0, 250)) table.delete(key)
      longest = Math.max(longest, past.chain(checkpoint()).length)
    }
    expect(longest).toBeLessThanOrEqual(129)
  })
})

describe('a round that is given up, since the table has become small', () => {
  it('is forgotten when the table is large again', () => {
    const { table, checkpoint, past } = stage(6_000, 'v')
    checkpoint()
    table.set(0, 'begins a round')
    checkpoint()
    for (let key = 4_000; key < 6_000; key++) table.delete(key)
    const whole = checkpoint()
    expect(past.chain(whole)).toEqual([whole])
    for (let key = 4_000; key < 6_000; key++) table.set(key, 'v'.repeat(1_000))
    const begun = checkpoint()
    let last = begun
    for (let n = 0; past.chain(last)[0] !== begun; n++) {
      expect(n).toBeLessThan(64)
      table.set(n, 'changed')
      last = checkpoint()
    }
    const again = stage(0)
    past.restore(last, again.store)
    expect(new Map(entriesOf(again.table))).toEqual(new Map(entriesOf(table)))
  })
})

describe('a table that does not change', () => {
  const twoTables = (idleSize: number) => {
    const store = memoryStore()
    const idle = store.values<number, string>('idle', spec)
    const busy = store.values<number, string>('busy', spec)
    store.loaded(1)
    const past = history(store)
    for (let key = 0; key < idleSize; key++) idle.set(key, 'v'.repeat(86))
    return { idle, busy, past }
  }

  it.each([1, 5_000])('does not make the chain of another one longer and longer (%s entries)', (size) => {
    const { busy, past } = twoTables(size)
    let longest = 0
    for (let n = 1; n <= 400; n++) {
      busy.set(1, `${n}`)
      past.barrier(n)
      past.pull()
      longest = Math.max(longest, past.chain(n).length)
    }
    expect(longest).toBeLessThanOrEqual(130)
  })

  it('is written again only that often', () => {
    const { busy, past } = twoTables(500)
    let bytes = 0
    for (let n = 1; n <= 400; n++) {
      busy.set(1, `${n}`)
      past.barrier(n)
      past.pull()
      bytes += past.bytes(n)
    }
    expect(bytes).toBeLessThan(9 * 500 * entry)
  })

  it('is never written again where nothing changes at all', () => {
    const { past } = twoTables(500)
    for (let n = 1; n <= 200; n++) past.barrier(n)
    past.pull()
    expect(past.chain(200)).toEqual([1])
  })
})
