/**
 * The plan in a storage of write-once keys (numberedKeys.ts): the number of a plan is that of its
 * key, so the first put of a number decides. Entries that are decided with a plan are in the same
 * value, and stay in those of later plans.
 */
import type { LedgerEntry } from '../contracts/ledger.ts'
import { type PlanStore, planChanged } from '../contracts/plan.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { parsePlanKey, planKey, planPrefix } from './names.ts'
import { type NumberedKeys, numberedKeys } from './numberedKeys.ts'
import { decodePlan, encodePlan, type PlanRecord } from './planCodec.ts'

function planKeys(storage: CheckpointStorage, job: string): NumberedKeys {
  const keyOf = (number: number) => planKey(job, number)
  return numberedKeys(storage, { prefix: planPrefix(job), keyOf, numberOf: parsePlanKey })
}

/** The newest plan, and all entries decided with it or with an earlier one. */
export async function newestPlan(
  storage: CheckpointStorage,
  job: string,
  keys = planKeys(storage, job),
): Promise<PlanRecord | { readonly plan: null; readonly entries: ReadonlyMap<number, LedgerEntry> }> {
  const { bytes, place } = await keys.newest()
  return bytes === null ? { plan: null, entries: new Map() } : decodePlan(bytes, place)
}

/** @param current reads the current entry of a shard */
export function storagePlans(
  storage: CheckpointStorage,
  job: string,
  current: (shard: number) => Promise<{ readonly entry: LedgerEntry | null }>,
): PlanStore {
  const keys = planKeys(storage, job)
  const entryOf = async (shard: number) => (await current(shard)).entry
  return {
    place: storage.place,
    read: async () => (await newestPlan(storage, job, keys)).plan,
    entry: entryOf,
    async write(next, entries, deciding) {
      const { plan, entries: decided } = await newestPlan(storage, job, keys)
      if ((plan?.number ?? 0) !== next.number - 1) throw planChanged(plan, next)
      const standing = new Map<number, LedgerEntry | null>()
      for (const shard of entries?.shards ?? []) standing.set(shard, await entryOf(shard))
      const bytes = encodePlan(next, new Map([...decided, ...(entries?.replace(standing) ?? [])]))
      deciding?.()
      await keys.append(next.number, bytes, () => planChanged(plan, next))
    },
    async close() {
      // Nothing is held open between two calls.
    },
  }
}
