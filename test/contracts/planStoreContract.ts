/** Contract of every plan store. */
import { describe, expect, test } from 'vitest'
import type { LedgerEntry, LedgerSession } from '../../src/contracts/ledger.ts'
import type { Plan, PlannedEntries, PlanStore } from '../../src/contracts/plan.ts'
import { firstSlots } from '../../src/contracts/slotTable.ts'
import { RxweftError } from '../../src/errors.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'

export const planOf = (number: number, owner: string, shards = 2): Plan => ({
  number,
  lineage: 'b7c1',
  slots: firstSlots(shards),
  owners: Array.from({ length: shards }, () => owner),
  members: { [owner]: { instance: `pod of ${owner}`, groupMember: null } },
})

export const entryOf = (shard: number, checkpoint: number, fields: Partial<LedgerEntry> = {}): LedgerEntry => ({
  lineage: 'b7c1',
  checkpoint,
  owner: 'a',
  snapshot: null,
  positions: [{ source: 's', splits: [{ topic: 'in', partition: shard, offset: checkpoint }] }],
  handles: {},
  plan: 1,
  slots: `${shard}-254/2`,
  ...fields,
})

export const genesis = (owner = 'a'): PlannedEntries => ({
  shards: [0, 1],
  replace: () => new Map([0, 1].map((shard) => [shard, entryOf(shard, 0, { owner })])),
})

/** One job of two shards, in a place of its own. */
export interface PlanGround {
  plans(): Promise<PlanStore>
  session(shard: number): Promise<LedgerSession>
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
const codeOf = (thrown: unknown) => (thrown instanceof RxweftError ? thrown.code : thrown)

export function planStoreContract(name: string, ground: () => Promise<PlanGround>): void {
  describe(`${name} keeps the contract of a plan store:`, () => {
    test('has no plan at first', async () => {
      const { plans } = await ground()
      const store = await plans()
      expect([await store.read(), await store.entry(0), await store.entry(1)]).toEqual([null, null, null])
    })

    test('shows the newest entry to whoever waits for it, again and again', async () => {
      const { plans, session } = await ground()
      const [store, other] = [await plans(), await plans()]
      const glimpse = async () => (await (store.glimpse ?? store.entry)(0))?.checkpoint ?? null
      expect(await glimpse()).toBeNull()
      await other.write(planOf(1, 'a'), genesis())
      expect([await glimpse(), await glimpse()]).toEqual([0, 0])
      const shard = await session(0)
      await shard.fence()
      for (const checkpoint of [1, 2]) {
        await shard.commit(entryOf(0, checkpoint), checkpoint === 1)
        while ((await glimpse()) !== checkpoint);
      }
      for (let look = 0; look < 50; look++) expect(await glimpse()).toBe(2)
    })

    test('has the plan that was written last, for every store', async () => {
      const { plans } = await ground()
      const one = await plans()
      await one.write(planOf(1, 'a'), genesis())
      await one.write(planOf(2, 'b'))
      const other = await plans()
      expect(plain(await other.read())).toEqual(planOf(2, 'b'))
      await other.write(planOf(3, 'c'))
      expect(plain(await one.read())).toEqual(planOf(3, 'c'))
    })

    test('has the entries that were decided with a plan, for sessions and stores', async () => {
      const { plans, session } = await ground()
      await (await plans()).write(planOf(1, 'a'), genesis())
      for (const shard of [0, 1]) {
        expect(plain(await (await plans()).entry(shard))).toEqual(entryOf(shard, 0))
        expect(plain(await (await session(shard)).read())).toEqual(entryOf(shard, 0))
        expect(plain(await (await session(shard)).fence())).toEqual(entryOf(shard, 0))
      }
    })

    test('keeps these entries until the shard has one of its own', async () => {
      const { plans, session } = await ground()
      const store = await plans()
      await store.write(planOf(1, 'a'), genesis())
      const one = await session(1)
      await one.fence()
      await one.commit(entryOf(1, 0, { owner: 'a' }), true)
      await one.fence()
      await one.commit(entryOf(1, 1), false)
      for (let number = 2; number < 6; number++) await store.write(planOf(number, 'a'))
      expect(plain(await store.entry(1))).toEqual(entryOf(1, 1))
      expect(plain(await store.entry(0))).toEqual(entryOf(0, 0))
      expect(plain(await (await session(0)).fence())).toEqual(entryOf(0, 0))
    })

    test.each([
      [1, 'the number of the current plan', 1],
      [1, 'a number that leaves one out', 3],
      [0, 'a second plan without a first one', 2],
    ])('after %i plans refuses %s', async (count, _, number) => {
      const { plans } = await ground()
      const store = await plans()
      if (count > 0) await store.write(planOf(1, 'a'), genesis())
      const error = await rejectionOf(store.write(planOf(number, 'b')))
      expect(error).toMatchObject({ code: 'PLAN_CHANGED', consequence: 'retriable' })
      expect((await store.read())?.number ?? 0).toBe(count)
    })

    test('of many writers with one number at most one succeeds, with its plan and all its entries', async () => {
      const { plans } = await ground()
      const writers = ['a', 'b', 'c', 'd']
      const stores = await Promise.all(writers.map(plans))
      const ends = await Promise.allSettled(
        stores.map((store, at) => store.write(planOf(1, writers[at] as string), genesis(writers[at]))),
      )
      const won = writers.filter((_, at) => ends[at]?.status === 'fulfilled')
      expect(won.length).toBeLessThanOrEqual(1)
      const [found, ...owners] = await Promise.all([stores[0]?.read(), stores[0]?.entry(0), stores[0]?.entry(1)])
      const owner = found?.owners[0] ?? undefined
      if (won.length === 1) expect(owner).toBe(won[0])
      expect(owners.map((entry) => entry?.owner)).toEqual([owner, owner])
    })

    test('writes nothing if the entries are refused', async () => {
      const { plans } = await ground()
      const store = await plans()
      const refuse = () => {
        throw new Error('no')
      }
      await expect(store.write(planOf(1, 'a'), { shards: [0, 1], replace: refuse })).rejects.toThrow('no')
      expect([await store.read(), await store.entry(0)]).toEqual([null, null])
      await store.write(planOf(1, 'a'), genesis())
      expect((await store.read())?.number).toBe(1)
    })

    test('replaces entries from what stands, and ends the sessions of their shards', async () => {
      const { plans, session } = await ground()
      const store = await plans()
      await store.write(planOf(1, 'a'), genesis())
      const one = await session(1)
      await one.fence()
      await one.commit(entryOf(1, 0, { owner: 'b', plan: 1 }), true)
      await one.fence()
      const found: (LedgerEntry | null)[] = []
      await store.write(planOf(2, 'c'), {
        shards: [1],
        replace(standing) {
          found.push(standing.get(1) ?? null)
          return new Map([[1, entryOf(1, 7, { owner: 'c', plan: 2 })]])
        },
      })
      expect(found.map((entry) => entry?.owner)).toEqual(['b'])
      expect(await store.entry(1)).toMatchObject({ checkpoint: 7, owner: 'c', plan: 2 })
      expect(await (await session(1)).fence()).toMatchObject({ checkpoint: 7, owner: 'c', plan: 2 })
      expect(await store.entry(0)).toMatchObject({ checkpoint: 0, owner: 'a', plan: 1 })
      await one.commit(entryOf(1, 1), false).catch(codeOf)
      expect(await store.entry(1)).toMatchObject({ checkpoint: 7, owner: 'c', plan: 2 })
    })
  })
}
