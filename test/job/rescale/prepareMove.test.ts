/** What a move takes from the entries of the shards concerned, with parts that hold nothing else. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import type { LedgerEntry } from '../../../src/contracts/ledger.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { openedTables } from '../../../src/job/rescale/openedTables.ts'
import { type MoveGround, type MoveParts, prepareMove } from '../../../src/job/rescale/prepareMove.ts'

const before = [0, 1, 0, 1]
const after = [0, 1, 2, 2]
const at = (partition: number, offset: number) => ({ topic: 't', partition, offset })
const rulesAt = (offset: number) => ({ source: 'rules', splits: [{ topic: 'rules', partition: 0, offset }] })

const entry = (checkpoint: number, more: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ lineage: 'l', checkpoint, snapshot: null, positions: [], handles: {}, owner: 'a', plan: 1, slots: '0' },
  ...more,
})

function ground(entries: readonly LedgerEntry[], wanted = after) {
  const finished: [number, unknown][] = []
  const standing = new Map<number, LedgerEntry | null>(entries.map((one, shard) => [shard, one]))
  const feeds = [{ source: { id: 'words' } }, { source: { id: 'rules' }, everywhere: true }]
  const parts = {
    attempt: { job: 'moved', allowDroppedState: false, signal: new AbortController().signal },
    pipeline: { feeds, outputs: [] },
    storage: memoryStorage(),
    store: { place: 'memory', entry: async (shard: number) => standing.get(shard) ?? null },
    tell: () => undefined,
  } as unknown as MoveParts
  const writer = { commit: async (checkpoint: number, handle: unknown) => void finished.push([checkpoint, handle]) }
  const opened = {
    readers: new Map([
      ['words', {}],
      ['rules', {}],
    ]),
    writers: new Map([['out', writer]]),
    tables: openedTables(),
  } as unknown as MoveGround
  const move = async () => prepareMove(parts, opened, { lineage: 'l', before, after: wanted })
  const next: Plan = { number: 5, lineage: 'l', slots: wanted, owners: ['a', 'b', 'c'], members: {} }
  async function entriesAfter(now: ReadonlyMap<number, LedgerEntry | null> = standing) {
    return (await move()).entries(next, (shard) => next.owners[shard] ?? 'm').replace(now)
  }
  return { finished, standing, entriesAfter }
}

const givers = [
  entry(7, {
    positions: [{ source: 'words', splits: [at(0, 10), at(2, 12)] }, rulesAt(3)],
    handles: { out: { p: 1 } },
  }),
  entry(9, { positions: [{ source: 'words', splits: [at(1, 11), at(3, 13)] }, rulesAt(8)] }),
]

describe('a move of slots', () => {
  it('finishes what a giver has prepared in its sinks, before anything is decided', async () => {
    const { finished, entriesAfter } = ground(givers)
    const entries = await entriesAfter()
    expect(finished).toEqual([[7, { p: 1 }]])
    expect([...entries.values()].map(({ handles }) => handles)).toEqual([{}, {}, {}])
  })

  it('gives each position to the shard that gets its slot, and to no other', async () => {
    const entries = await ground(givers).entriesAfter()
    const splits = (shard: number) => entries.get(shard)?.positions.find(({ source }) => source === 'words')?.splits
    expect([splits(0), splits(1), splits(2)]).toEqual([[at(0, 10)], [at(1, 11)], [at(2, 12), at(3, 13)]])
  })

  it('gives a new shard the rules of the giver that has read furthest, and each old one its own', async () => {
    const entries = await ground(givers).entriesAfter()
    const rules = (shard: number) => entries.get(shard)?.positions.find(({ source }) => source === 'rules')
    expect([rules(0), rules(1), rules(2)]).toEqual([rulesAt(3), rulesAt(8), rulesAt(8)])
    const turned = [givers[1], givers[0]] as LedgerEntry[]
    expect((await ground(turned).entriesAfter()).get(2)?.positions).toContainEqual(rulesAt(8))
  })

  it('numbers all entries above those of all givers, under the new plan and its owners', async () => {
    const entries = await ground(givers).entriesAfter()
    expect([...entries.values()].map(({ checkpoint, plan, owner }) => [checkpoint, plan, owner])).toEqual([
      [10, 5, 'a'],
      [10, 5, 'b'],
      [10, 5, 'c'],
    ])
  })

  it('leaves nothing to a shard that gives all its slots away, which another one would go on with', async () => {
    const entries = await ground(givers, [0, 0, 0, 0]).entriesAfter()
    expect(entries.get(1)).toMatchObject({ checkpoint: 10, plan: 5, positions: [], snapshot: null, slots: '' })
    const splits = entries.get(0)?.positions.find(({ source }) => source === 'words')?.splits
    expect(splits?.toSorted((one, other) => one.partition - other.partition)).toEqual([
      at(0, 10),
      at(1, 11),
      at(2, 12),
      at(3, 13),
    ])
  })

  it('is prepared anew if a shard has committed meanwhile', async () => {
    const { entriesAfter, standing } = ground(givers)
    const moved = new Map(standing).set(1, entry(10, {}))
    await expect(entriesAfter(moved)).rejects.toMatchObject({ code: 'HISTORY_MOVED' })
  })
})
