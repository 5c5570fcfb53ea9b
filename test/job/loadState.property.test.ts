import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { snapshotKey } from '../../src/checkpoint/names.ts'
import { type RestoredSnapshot, readStates, snapshotChain } from '../../src/checkpoint/snapshotChain.ts'
import type { SnapshotRef } from '../../src/contracts/ledger.ts'
import { continued, type LoadedState, loadEntries } from '../../src/job/loadState.ts'
import { json } from '../../src/serde/json.ts'
import { states } from '../../src/state/states.ts'
import type { StateTables } from '../../src/state/store.ts'

const owner = { job: 'words', shard: 3, lineage: 'l' }
/** So that a table with some of them is larger than one that is always written whole. */
const padding = 'x'.repeat(4_000)

/** Tables as operators open them. */
function open(all: StateTables) {
  const [values, maps] = [all.open('values'), all.open('maps')]
  const spec = { serde: json<string>() }
  return {
    operators: [values, maps],
    large: values.values<number, string>('large', spec),
    small: values.values<number, string>('small', spec),
    nested: maps.maps<number, number, string>('nested', spec),
  }
}
type Tables = ReturnType<typeof open>

function contents({ large, small, nested }: Tables) {
  const sorted = (keys: Iterable<number>): number[] => [...keys].sort((a, b) => a - b)
  return {
    large: sorted(large.keys()).map((key) => [key, large.get(key)?.slice(0, 20)]),
    small: sorted(small.keys()).map((key) => [key, small.get(key)]),
    nested: sorted(nested.keys()).map((key) => [
      key,
      sorted(nested.subs(key)).map((sub) => [sub, nested.get(key, sub)?.slice(0, 20)]),
    ]),
    sizes: [large.size, small.size, nested.size],
  }
}

/** The member that runs the shard, attempt after attempt. */
function running() {
  const storage = memoryStorage()
  let [tables, all] = [states(), states()].map((one) => [open(one), one] as const)[0] as readonly [Tables, StateTables]
  let chain = snapshotChain(storage, [])
  let [attempt, checkpoint] = [0, 0]
  let last: SnapshotRef | null = null
  return {
    storage,
    get tables() {
      return tables
    },
    get last() {
      return { snapshot: last, checkpoint }
    },
    async checkpoint() {
      checkpoint += 1
      const id = `00000000-0000-4000-8000-${String(attempt).padStart(12, '0')}`
      const content = { ...owner, checkpoint, attempt: id }
      const its = tables.operators.map((one) => one.snapshot(checkpoint, null))
      const key = snapshotKey(owner.job, owner.shard, checkpoint, id)
      last = (await chain.store(key, { ...content, states: its })).snapshot
    },
    async restart() {
      attempt += 1
      all = states()
      tables = open(all)
      if (last === null) return all.loaded(0, new Map())
      const restored = await readStates(storage, last, owner)
      await loadEntries(all, storage, last, restored)
      await all.loaded(checkpoint, since(restored))
      chain = snapshotChain(storage, restored.chain)
    },
  }
}

const since = ({ header }: RestoredSnapshot) => new Map(header.operators.map((one) => [one.operator, one.since]))

const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ set: fc.nat(60), in: fc.constantFrom('large', 'small', 'nested'), value: fc.nat() }),
  },
  { weight: 3, arbitrary: fc.record({ remove: fc.nat(60), in: fc.constantFrom('large', 'small', 'nested') }) },
  { weight: 4, arbitrary: fc.constant('checkpoint') },
  { weight: 1, arbitrary: fc.constant('restart') },
  { weight: 2, arbitrary: fc.constant('look') },
)

it('state that is loaded ahead, time and again, is in the end what the last snapshot says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 200 }), async (story) => {
      const there = running()
      const { storage } = there
      let loaded: LoadedState | null = null
      let here: Tables | null = null

      async function look(): Promise<void> {
        const { snapshot, checkpoint } = there.last
        if (snapshot === null || loaded?.checkpoint === checkpoint) return
        const restored = await readStates(storage, snapshot, owner)
        const keeping = loaded === null ? new Set<string>() : continued(loaded, restored)
        const tables = (loaded?.tables ?? states()).renewed?.(keeping) as StateTables
        here = open(tables)
        await loadEntries(tables, storage, snapshot, restored, keeping, loaded?.checkpoint)
        loaded = { tables, checkpoint, keys: new Set(restored.chain.map(({ key }) => key)) }
      }

      for (let key = 0; key < 60; key += 3) there.tables.large.set(key, padding)
      for (let key = 0; key < 60; key += 3) there.tables.nested.set(key % 7, key, padding)
      for (const one of story) {
        const { tables } = there
        if (one === 'checkpoint') await there.checkpoint()
        else if (one === 'restart') await there.restart()
        else if (one === 'look') await look()
        else if ('set' in one) {
          const value = `${one.value} ${one.in === 'small' ? '' : padding}`
          if (one.in === 'nested') tables.nested.set(one.set % 7, one.set, value)
          else tables[one.in as 'large'].set(one.set, value)
        } else if (one.in === 'nested') tables.nested.delete(one.remove % 7, one.remove)
        else tables[one.in as 'large'].delete(one.remove)
      }
      await there.checkpoint()
      await look()
      expect(here === null ? null : contents(here)).toEqual(contents(there.tables))
    }),
    { numRuns: 60 },
  )
}, 120_000)
