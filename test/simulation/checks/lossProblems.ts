/** A job whose ledger is lost once it has decided something must say so, and do nothing: to begin anew would double its output. */
import type { LedgerLoss } from '../faults/ledgerLoss.ts'
import type { Owner } from '../job/owner.ts'
import type { OwnerEnd } from '../job/ownerEnd.ts'
import type { Decision, World } from '../world.ts'

export function isMismatch(end: OwnerEnd | null): boolean {
  return end !== null && 'error' in end && end.error.code === 'LINEAGE_MISMATCH'
}

export function lossProblems(
  { decisions }: World,
  loss: LedgerLoss | null,
  { process, end }: Owner,
): readonly string[] {
  if (loss === null || !wasUnderWay(decisions, loss)) return []
  const later = decisions.find(({ at, shard }) => at >= loss.at && loss.shards.has(shard))
  return [
    ...(isMismatch(end) ? [] : [`${process.name} has not missed the ledger`]),
    ...(later === undefined ? [] : [`checkpoint ${later.entry.checkpoint} is decided in a ledger that was lost`]),
  ]
}

/** What counts after the loss: a start that had decided nothing but where to begin may be made again, and somewhere else. */
export function decisionsSince(decisions: readonly Decision[], loss: LedgerLoss | null): readonly Decision[] {
  if (loss === null || wasUnderWay(decisions, loss)) return decisions
  return decisions.filter(({ at, shard }) => at >= loss.at || !loss.shards.has(shard))
}

function wasUnderWay(decisions: readonly Decision[], { at, shards }: LedgerLoss): boolean {
  return decisions.some((one) => one.at < at && shards.has(one.shard) && one.entry.checkpoint > 0)
}
