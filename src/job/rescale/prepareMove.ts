/**
 * Prepares a move of slots to other shards. Everything that can be refused is checked here, and
 * nothing is written but the new snapshots, which are garbage until the plan names them:
 *
 *   open      the parts of the job; operators say which tables they have, and how keys have slots
 *   read      the last entries of the shards that give or get slots, and their snapshots
 *   finish    what their last checkpoints prepared in sinks
 *   divide    their state among the receivers, one new snapshot each (splitState.ts)
 *
 * The plan is then written together with the new entries (planWriter.ts). Each says where its shard
 * goes on: the positions of its slots, whoever had them, and the new snapshot.
 */
import { noLedgerForSnapshots } from '../../checkpoint/inLedger.ts'
import { withInline } from '../../checkpoint/inline.ts'
import { readStates } from '../../checkpoint/snapshotChain.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { Plan, PlannedEntries, PlanStore } from '../../contracts/plan.ts'
import { shardsConcerned } from '../../contracts/slotMoves.ts'
import { shardSlotsText } from '../../contracts/slotsText.ts'
import { slotsOf } from '../../contracts/slotTable.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { OperatorId, SourcePosition } from '../../record.ts'
import { droppable } from '../../state/states.ts'
import type { AttemptPlan } from '../attempt.ts'
import { changedEntry, presentNamesIn, unchanged } from '../change/jobChange.ts'
import { resetsOf } from '../change/reset.ts'
import { endsOf, hasItsEnds, rollForward } from '../entryEnds.ts'
import { type CheckedStart, checkedStart } from '../firstStart.ts'
import { historyMoved } from '../lineageCheck.ts'
import { positionsOf, readingShard } from '../openEnds.ts'
import { mergedStates, type StatePart } from './mergedStates.ts'
import { newSnapshots, type ReceiverState } from './newSnapshots.ts'
import { type OpenedTables, openedTables } from './openedTables.ts'
import type { Giver } from './splitState.ts'

/** A history of a job, and who has which slots in it before and after the move. */
export interface Moves {
  readonly lineage: string
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export interface PreparedMove {
  /** Table after the move. */
  readonly slots: readonly number[]
  /** Entries to be written with the plan. */
  entries(next: Plan, owner: (shard: number) => string): PlannedEntries
}

export interface MoveParts extends Pick<AttemptPlan, 'attempt' | 'pipeline' | 'storage' | 'tell'> {
  readonly store: PlanStore
}

/** Shard that gives slots away, or keeps some of those that it had. */
interface Moving extends StatePart {
  readonly shard: number
  readonly entry: LedgerEntry
}

/** What is opened to prepare a move. */
export interface MoveGround extends Pick<CheckedStart, 'readers' | 'writers'> {
  readonly tables: OpenedTables
}

/** Opens the parts of the job, as a first start would. Rejects with whatever refuses that. */
export async function openGround(parts: MoveParts, slots: readonly number[]): Promise<MoveGround> {
  const tables = openedTables()
  const { readers, writers } = await checkedStart({
    ...parts,
    attempt: { ...parts.attempt, slots },
    state: tables.backend,
  })
  return { readers, writers, tables }
}

/**
 * Resolves once the move can be decided. Rejects with Fatal STATE_HAS_NO_SLOT, SOURCE_MISSING,
 * SINK_MISSING and STATE_UNCLAIMED, with Corrupted errors of damaged snapshots, and with Retriable
 * HISTORY_MOVED if the ledger changes meanwhile.
 */
export async function prepareMove(
  { attempt, pipeline, storage, store }: MoveParts,
  { readers, writers, tables }: MoveGround,
  { lineage, before, after }: Moves,
): Promise<PreparedMove> {
  const { change = unchanged } = attempt
  const ends = endsOf(pipeline)
  const concerned = shardsConcerned(before, after)
  const found = new Map(await Promise.all(concerned.map(async (shard) => [shard, await store.entry(shard)] as const)))
  const givers: Moving[] = []
  const snapshots: Giver[] = []
  for (const [shard, entry] of found) {
    const had = slotsOf(before, shard)
    if (entry !== null && entry.lineage !== lineage) throw historyMoved(store.place)
    if (had.length === 0) continue
    if (entry === null) throw historyMoved(store.place)
    const present = changedEntry(entry, change, ends)
    hasItsEnds(present, { readers, writers })
    await rollForward(present, writers)
    const giver = await snapshotOf(shard, entry)
    if (giver !== null) snapshots.push(giver)
    for (const { operator } of giver?.restored.header.operators ?? []) tables.claims(giver?.name(operator) ?? operator)
    const states = new Map([...(giver?.restored.states ?? [])].map(([id, state]) => [giver?.name(id) ?? id, state]))
    givers.push({ shard, entry: present, states, slots: had })
  }
  // What one giver has carried out is in the positions that its slots bring along.
  const resets = resetsOf({ resets: [...new Set([...found.values()].flatMap((entry) => entry?.resets ?? []))] })
  const checkpoint = 1 + Math.max(0, ...[...found.values()].map((entry) => entry?.checkpoint ?? 0))
  const mayDrop = droppable(attempt.allowDroppedState)
  const everywhere = new Set(pipeline.feeds.filter((fed) => fed.everywhere).map(({ source }) => source.id))
  const divided = new Set(pipeline.feeds.map(({ source }) => source.id).filter((id) => !everywhere.has(id)))
  const rules = { of: after.length, divided, everywhere, keyed: new Set(tables.operators()), mayDrop }

  const receivers = concerned.flatMap(
    (shard): (ReceiverState & { readonly positions: readonly SourcePosition[] })[] => {
      const own = slotsOf(after, shard)
      if (own.length === 0) return []
      const of = givers.map((giver) => ({ ...giver, slots: giver.slots.filter((slot) => after[slot] === shard) }))
      const gives = of.filter(({ slots }) => slots.length > 0)
      const main = gives.find((giver) => giver.shard === shard) ?? furthest(gives, everywhere)
      const states = mergedStates(gives, main, rules)
      const positions = positionsOf(
        readingShard({ shard, slots: after }, pipeline),
        joinedPositions(gives, main, everywhere),
      )
      return [{ shard, main: main.shard, states, positions }]
    },
  )
  const parted = { before, after, givers: snapshots, receivers, tables }
  const written = await newSnapshots(attempt, (shard) => storageOf(shard, null), { ...parted, lineage, checkpoint })
  attempt.signal.throwIfAborted()

  function storageOf(shard: number, entry: LedgerEntry | null): CheckpointStorage {
    if (!storage.inLedger) return storage
    return store.snapshots?.({ shard, shards: 1 + Math.max(...before, ...after) }, entry) ?? noLedgerForSnapshots()
  }

  async function snapshotOf(shard: number, entry: LedgerEntry): Promise<Giver | null> {
    const { snapshot, inline, lineage } = entry
    if (snapshot === null) return null
    const place = withInline(storageOf(shard, entry), inline)
    const restored = await readStates(place, snapshot, { job: attempt.job, shard, lineage })
    return { shard, snapshot, restored, name: presentNamesIn(change, restored), storage: place }
  }

  return {
    slots: after,
    entries: (next, owner) => ({
      shards: concerned,
      replace(standing) {
        for (const shard of concerned) {
          const [now, then] = [standing.get(shard) ?? null, found.get(shard) ?? null]
          if (now?.checkpoint !== then?.checkpoint || now?.lineage !== then?.lineage) throw historyMoved(store.place)
        }
        return new Map(
          concerned.map((shard): [number, LedgerEntry] => {
            const { positions = [] } = receivers.find((receiver) => receiver.shard === shard) ?? {}
            const { lineage, number: plan } = next
            const entry = { lineage, checkpoint, positions, handles: {}, owner: owner(shard), plan, ...resets }
            const { snapshot = null, ...held } = written.get(shard) ?? {}
            return [shard, { ...entry, snapshot, ...held, slots: shardSlotsText(after, shard) }]
          }),
        )
      },
    }),
  }
}

/** The giver that has read most of the sources that every shard reads. */
function furthest(givers: readonly Moving[], everywhere: ReadonlySet<OperatorId>): Moving {
  const read = ({ entry }: Moving): number =>
    entry.positions
      .filter(({ source }) => everywhere.has(source))
      .reduce((sum, { splits }) => splits.reduce((all, { offset }) => all + offset, sum), 0)
  return givers.reduce((one, other) => (read(other) > read(one) ? other : one))
}

/** Positions of all givers; of a source that every shard reads, those of one. */
function joinedPositions(
  givers: readonly Moving[],
  main: Moving,
  everywhere: ReadonlySet<OperatorId>,
): readonly SourcePosition[] {
  const sources = new Set(givers.flatMap(({ entry }) => entry.positions.map(({ source }) => source)))
  return [...sources].map((source) => {
    const from = everywhere.has(source) ? [main] : givers
    return {
      source,
      splits: from.flatMap(({ entry }) => entry.positions.find((one) => one.source === source)?.splits ?? []),
    }
  })
}
