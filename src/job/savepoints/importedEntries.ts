/** First entries of all shards of a job that begins from a savepoint. */
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { Plan } from '../../contracts/plan.ts'
import { shardSlotsText } from '../../contracts/slotsText.ts'
import type { OperatorId, SourcePosition, SplitOffset } from '../../record.ts'
import type { AttemptPlan } from '../attempt.ts'
import { changedEntry, unchanged } from '../change/jobChange.ts'
import { rewrittenSnapshot } from '../change/rewrittenSnapshot.ts'
import { endsOf, hasItsEnds, rollForward } from '../entryEnds.ts'
import { checkedStart } from '../firstStart.ts'
import { positionsOf, readingShard } from '../openEnds.ts'
import { openedTables } from '../rescale/openedTables.ts'
import { formerEntry, type SavepointOrigin } from './savepointStart.ts'

/** An entry, without what its plan and its owner add. */
export type ImportedEntry = Omit<LedgerEntry, 'owner' | 'plan' | 'slots' | 'released'>

/**
 * Checks whatever can refuse the start, and stores a new snapshot for each shard, which is garbage
 * until the plan is written.
 */
export async function importedEntries(
  parts: Pick<AttemptPlan, 'attempt' | 'pipeline' | 'storage' | 'tell'>,
  origin: SavepointOrigin,
  slots: readonly number[],
  lineage: string,
): Promise<readonly ImportedEntry[]> {
  const { attempt, pipeline, storage } = parts
  const { job, shards, change = unchanged } = attempt
  const ends = endsOf(pipeline)
  const formers = Array.from({ length: shards }, (_, shard) => {
    const former = formerEntry(origin, storage, { job, shard, slots }, pipeline)
    return { ...former, was: former.entry.lineage, entry: changedEntry(former.entry, change, ends) }
  })
  const tables = openedTables()
  const standing = joined(formers.flatMap(({ entry }) => entry.positions))
  const { readers, writers, positions } = await checkedStart({ ...parts, state: tables.backend }, standing)
  const added = positions.filter(({ source }) => !standing.some((one) => one.source === source))
  const entries: ImportedEntry[] = []
  for (const [shard, { entry, job: of, storage: from, was }] of formers.entries()) {
    hasItsEnds(entry, { readers, writers })
    await rollForward(entry, writers)
    const checkpoint = entry.checkpoint + 1
    const header = { job, shard, lineage, checkpoint, attempt: attempt.attempt }
    const former = entry.snapshot && {
      storage: from,
      snapshot: entry.snapshot,
      owner: { job: of, shard, lineage: was },
    }
    const held = former && (await rewrittenSnapshot(storage, former, header, change, tables.claims))
    const own = positionsOf(readingShard({ shard, slots }, pipeline), added)
    entries.push({
      ...{ lineage, checkpoint, snapshot: null, positions: [...entry.positions, ...own], handles: {} },
      ...held,
    })
  }
  attempt.signal.throwIfAborted()
  return entries
}

/** As the first entry of a shard under a plan. */
export function planned(entry: ImportedEntry, plan: Plan, shard: number, owner: string): LedgerEntry {
  return { ...entry, owner, plan: plan.number, slots: shardSlotsText(plan.slots, shard) }
}

/** Positions of all shards; a split that several read is in there once. */
function joined(positions: readonly SourcePosition[]): readonly SourcePosition[] {
  const bySource = new Map<OperatorId, Map<string, SplitOffset>>()
  for (const { source, splits } of positions) {
    const all = bySource.get(source) ?? new Map<string, SplitOffset>()
    bySource.set(source, all)
    for (const split of splits) all.set(`${split.topic}/${split.partition}`, split)
  }
  return [...bySource].map(([source, splits]) => ({ source, splits: [...splits.values()] }))
}
