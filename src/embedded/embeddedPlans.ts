/**
 * The plan in an embedded log. One transaction of the log compares it and replaces it, and fences
 * the shards whose entries it replaces.
 */
import { encodeEntry } from '../checkpoint/ledgerCodec.ts'
import { decodePlan, encodePlan } from '../checkpoint/planCodec.ts'
import { type Plan, type PlanStore, planChanged } from '../contracts/plan.ts'
import type { LogCore } from './logCore.ts'
import { currentEntry, fenceShard } from './shardRows.ts'

export function embeddedPlans(core: LogCore, job: string): PlanStore {
  const { file, tables } = core

  function current(): Plan | null {
    const bytes = tables.plans.get([job])
    return bytes === undefined ? null : decodePlan(bytes, `the plan of ${job} in ${file.path}`).plan
  }

  return {
    place: `the embedded log ${file.path}`,
    async read() {
      file.refresh()
      return current()
    },
    async entry(shard) {
      file.refresh()
      return currentEntry(core, job, shard)
    },
    async write(next, entries, deciding) {
      file.transact(() => {
        const found = current()
        if ((found?.number ?? 0) !== next.number - 1) throw planChanged(found, next)
        const standing = new Map((entries?.shards ?? []).map((shard) => [shard, fenceShard(core, job, shard).entry]))
        for (const [shard, entry] of entries?.replace(standing) ?? []) {
          tables.ledger.put([job, shard], encodeEntry(entry))
        }
        deciding?.()
        tables.plans.put([job], encodePlan(next))
      })
    },
    async close() {
      // Nothing is held open between two calls.
    },
  }
}
