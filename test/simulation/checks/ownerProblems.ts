/** How executions may end: finished, stopped, or replaced by a newer one. Network, brokers and honest disks are no reason to give up. */
import type { LedgerLoss } from '../faults/ledgerLoss.ts'
import type { Owner } from '../job/owner.ts'
import type { OwnerEnd } from '../job/ownerEnd.ts'
import type { World } from '../world.ts'
import { isMismatch } from './lossProblems.ts'

/** What a job says of a disk that has lost or changed what it was given. */
const honest: ReadonlySet<string> = new Set(['SNAPSHOT_DAMAGED', 'SNAPSHOT_MISSING', 'LINEAGE_MISMATCH'])

export function ownerProblems(
  { config, decisions, plans }: World,
  owners: readonly Owner[],
  last: Owner,
  loss: LedgerLoss | null,
): readonly string[] {
  return owners.flatMap((one) => {
    const { end, process } = one
    if (end === null || 'outcome' in end) return []
    if (replaced(end)) return replacedBefore({ decisions, plans }, one)
    if (otherNumber(decisions, one)) return []
    if (loss !== null && one.startedAt >= loss.at && isMismatch(end)) return []
    if ((config.lyingDisk && isHonest(end)) || (one !== last && excused(one, end.error))) return []
    return [`${process.name} has given up: ${end.error.message}`]
  })
}

/** Whoever has taken over from it must have done so after it was started: otherwise it believes what is long past. */
function replacedBefore(
  { decisions, plans }: Pick<World, 'decisions' | 'plans'>,
  { end, process, startedAt }: Owner,
): readonly string[] {
  const [, newer] = /execution (\S+) has taken over/.exec((end as { readonly error: Error }).error.message) ?? []
  if (decisions.some(({ at, entry }) => at >= startedAt && entry.owner === newer)) return []
  if (plans.some(({ at, plan }) => at >= startedAt && plan.owners.some((owner) => owner === newer))) return []
  return [`${process.name} has given up for ${newer}, which has decided nothing since`]
}

/** It was started with more shards than there are partitions, or with another number than is decided. */
function otherNumber(decisions: World['decisions'], { end, shards }: Owner): boolean {
  if (end === null || 'outcome' in end) return false
  if (end.error.code === 'TOO_MANY_SHARDS') return true
  return end.error.code === 'SHARDS_CHANGED' && decisions.every((one) => one.shards !== shards)
}

/** Ends that are no good, and no harm either: the data is safe, and a later owner can go on. */
function excused({ stopping }: Owner, { consequence }: { readonly consequence?: string }): boolean {
  // Whoever is asked to stop gives up after a few tries.
  return stopping && (consequence === 'retriable' || consequence === 'fenced')
}

export function replaced(end: OwnerEnd | null): boolean {
  return end !== null && 'error' in end && end.error.code === 'OWNED_BY_ANOTHER'
}

/** It was started with another number of shards than is decided. */
export function refused(end: OwnerEnd | null): boolean {
  return end !== null && 'error' in end && end.error.code === 'SHARDS_CHANGED'
}

export function isHonest(end: OwnerEnd | null): boolean {
  return end !== null && 'error' in end && honest.has(end.error.code ?? '')
}
