/** What a member knows about a shard, for its keeper: from the plan, the ledger and records. */

import { isReleased, type LedgerEntry } from '../../contracts/ledgerEntry.ts'
import type { HeardRecord } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'

export type Records = ReadonlyMap<string, Pick<HeardRecord, 'state' | 'plan' | 'shards'>>

type Signed = Pick<LedgerEntry, 'owner' | 'plan' | 'released'>

/** Whether the member to which the plan gives the shard waits for it. */
export function isTargetReady({ owners }: Plan, records: Records, shard: number): boolean {
  const target = owners[shard]
  return typeof target === 'string' && records.get(target)?.shards[shard]?.doing === 'ready'
}

/**
 * Whether nobody runs the shard, so that it need not be waited for:
 *
 *   released    its owner has signed that it let it go
 *   mine        this member has signed it, in an earlier run
 *   gone        its owner is no member any more
 *   untouched   its owner knows this plan, and says nothing of running it
 *   hanging     its owner is alive, and makes no progress with it
 *
 * What is signed under a newer plan is not for this member. A wrong answer costs time only, as the
 * takeover fences whoever runs it.
 */
export function isFree(
  plan: Plan,
  me: string,
  shard: number,
  entry: Signed | null,
  records: Records,
  hangs: (member: string) => boolean,
): boolean {
  if (entry === null || (entry.plan ?? 0) > plan.number) return false
  return entry.owner === me || isLetGo(plan, plan.number, shard, entry, records, hangs)
}

/**
 * Whether nobody runs a shard that was taken from its owner, so that its slots can move.
 *
 * @param since number of the plan that took it
 */
export function isLetGo(
  { members }: Pick<Plan, 'members'>,
  since: number,
  shard: number,
  entry: Signed | null,
  records: Records,
  hangs: (member: string) => boolean,
): boolean {
  if (entry === null) return false
  const { owner } = entry
  if (isReleased(entry)) return true
  if (!(owner in members) || hangs(owner)) return true
  const record = records.get(owner)
  const doing = record?.shards[shard]?.doing
  return record !== undefined && record.plan >= since && doing !== 'running' && doing !== 'releasing'
}
