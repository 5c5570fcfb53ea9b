/**
 * Recovery, in this order:
 *
 *   open everything      checks the configuration and writes nothing
 *   agree                ledger and storage have one history (lineageCheck.ts); disturbs nobody
 *   wait, if it must     until this execution is admitted; the state is loaded ahead (warmUp.ts)
 *   take over            fence; commit the same entry with this owner; if none, nothing yet
 *   load the snapshot    roll forward what its checkpoint prepared, seek, restore the operators,
 *                        fill their state (attempt.ts)
 *   settle               everything that can be refused has been checked: genesis, or the positions
 *                        of added sources, go into the ledger
 *
 * So a refused start leaves nothing behind but its name as the owner, which the next start
 * replaces. In a job with a plan, genesis has happened before (planning.ts).
 */

import { withInline } from '../checkpoint/inline.ts'
import type { ChainLink } from '../checkpoint/snapshot.ts'
import type { RestoredSnapshot } from '../checkpoint/snapshotChain.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import { ofShard, type SourceReader } from '../contracts/source.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, RetriableError } from '../errors.ts'
import { calling } from '../partFailed.ts'
import type { CheckpointId, Json, OperatorId, SourcePosition } from '../record.ts'
import type { SinkWriter } from '../sinks/sink.ts'
import { keyedState, type StateTables } from '../state/store.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import { changedEntry, unchanged } from './change/jobChange.ts'
import { type Reset, resetEntry, resetsOf, type SourceReset } from './change/reset.ts'
import { type FormerEntry, type FormerState, startingState } from './change/startingState.ts'
import { endsOf, hasItsEnds, rollForward } from './entryEnds.ts'
import { type LineageCheck, lineageCheck, plannedLineage } from './lineageCheck.ts'
import { continued, type LoadedState, loadEntries } from './loadState.ts'
import { type OpenEnds, openEnds, positionsOf, storageReady } from './openEnds.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { formerEntry, originOf, type SavepointStart } from './savepoints/savepointStart.ts'
import { type Claim, signature, startedWithoutPlan, stillOwner, takeOver } from './takeOver.ts'
import { type WarmUp, warmUp } from './warmUp.ts'

export interface Recovered {
  readonly entry: LedgerEntry
  readonly states: ReadonlyMap<OperatorId, Json>
  /** Where snapshots are stored. */
  readonly storage: CheckpointStorage
  /** Chain of snapshots that hold the state. */
  readonly snapshots: readonly ChainLink[]
  /**
   * Fills the keyed states, which the operators must have opened. Rejects with errors of
   * `StateTables` and of damaged snapshots.
   */
  loadEntries(states: StateTables): Promise<void>
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly writers: ReadonlyMap<OperatorId, SinkWriter<never>>
  /** Signature of this owner under its entries. */
  readonly signed: (final: boolean) => ReturnType<typeof signature> & Pick<LedgerEntry, 'resets'>
  /**
   * Writes the changes in `entry`. Call once the operators are restored and filled, before the
   * first record.
   */
  settle(): Promise<void>
}

/** @param rehearsal makes another pipeline of the job, to load state ahead */
export async function recover(
  attempt: OwnedAttempt,
  pipeline: BuiltPipeline,
  given: CheckpointStorage,
  claim: Claim,
  abandoned: readonly string[],
  rehearsal: () => BuiltPipeline,
  from?: SavepointStart,
  reset?: Reset,
): Promise<Recovered> {
  await storageReady(attempt, given)
  const { job, shard } = attempt
  // A job with a plan has begun with it.
  const origin = attempt.plan === undefined ? await originOf(from, job, given) : null
  const ends = await openEnds(attempt, pipeline, given)
  const { session, storage, of, readers, writers } = ends
  const { place } = pipeline.ledger
  let known: LedgerEntry | null = null
  const look = async () => {
    known = await readOfKind(attempt, pipeline, session)
    return known
  }
  const parts = { attempt, storage, look, memory: claim, place, abandoned, origin }
  const lineage = attempt.plan === undefined ? lineageCheck(parts) : plannedLineage(parts, attempt.plan.lineage)
  await lineage.agree()
  let warm: WarmUp | null = null
  let free = false
  if (!claim.signed && claim.admitted !== undefined) {
    const admitted = claim.admitted()
    const { loaded = () => undefined } = claim
    warm = warmUp({ attempt, session, storage, lineage: lineage.lineage(), known, rehearsal, loaded })
    const admission = await admitted
    claim.number = admission.number
    free = admission.free
    await warm.end()
    attempt.signal.throwIfAborted()
  }
  let resuming: Resuming | undefined
  await takeOver(
    session,
    claim,
    async (found) => {
      const standing = (await lineage.resumes(found)) ? found : null
      const begins = standing === null && origin !== null
      const start = begins ? formerEntry(origin, given, { job, shard, slots: null }, pipeline) : null
      resuming = await resume(standing, lineage.lineage(), attempt, pipeline, ends, start, reset)
      return standing
    },
    attempt,
    free,
  )
  const resumed = resuming as unknown as Resuming
  const mine = () => stillOwner(session, claim)
  await rollForward(resumed.entry, writers)
  const { entry, isNew, restored } = await ofMine(mine, () => startingState(attempt, storage, resumed))
  const snapshots = withInline(storage, entry.inline)
  const loaded = await kept(attempt, (await warm?.result()) ?? null, restored)
  // A source that was read everywhere before has left the positions of all splits.
  for (const { source, splits } of entry.positions) {
    const own = splits.filter((split) => ofShard(of(source), split))
    await calling({ id: source }, 'seek', () => readers.get(source)?.seek(own))
  }
  return {
    ...{
      entry,
      readers,
      writers,
      storage,
      signed: (final: boolean) => ({ ...signature(claim, final), ...resetsOf(entry) }),
    },
    states: restored?.states ?? new Map(),
    snapshots: restored?.chain ?? [],
    loadEntries: (states) => ofMine(mine, () => fill(states, entry, restored, snapshots, loaded)),
    async settle() {
      if (isNew) await takeOver(session, claim, (found) => settled(found, resumed.base, entry, lineage), attempt)
      for (const one of resumed.done) attempt.tell({ type: 'source-reset', ...one })
      await lineage.begun(entry)
      for (const [id, writer] of writers)
        await calling({ id }, 'discardOthers', () => writer.discardOthers?.(entry.handles[id] ?? null))
    },
  }
}

/**
 * The ledger still has the entry found before the checks, or none: this execution has fenced it, so
 * nobody else can have written.
 */
async function settled(
  found: LedgerEntry | null,
  base: CheckpointId | null,
  entry: LedgerEntry,
  lineage: LineageCheck,
): Promise<LedgerEntry> {
  const standing = (await lineage.resumes(found)) ? found : null
  const same = standing === null || (standing.lineage === entry.lineage && standing.checkpoint === base)
  if (!same) throw new RetriableError('HISTORY_MOVED', 'the ledger changed while the job was starting')
  await lineage.intend()
  return entry
}

/** What of the state that was loaded ahead belongs to the checkpoint that is resumed. */
interface Kept extends Pick<LoadedState, 'checkpoint'> {
  readonly operators: ReadonlySet<OperatorId>
}

/** Gives the state that was loaded ahead to the operators of this attempt. */
async function kept(
  attempt: OwnedAttempt,
  loaded: LoadedState | null,
  restored: RestoredSnapshot | null,
): Promise<Kept> {
  const operators = loaded === null || restored === null ? new Set<OperatorId>() : continued(loaded, restored)
  const tables = loaded?.tables.renewed?.(operators)
  if (tables !== undefined) await attempt.openResource({ open: async () => tables }, keyedState)
  return { operators, checkpoint: loaded?.checkpoint ?? 0 }
}

async function fill(
  states: StateTables,
  { checkpoint, snapshot }: LedgerEntry,
  restored: RestoredSnapshot | null,
  storage: CheckpointStorage,
  loaded: Kept,
): Promise<void> {
  const operators = restored?.header.operators ?? []
  if (snapshot !== null && restored !== null)
    await loadEntries(states, storage, snapshot, restored, loaded.operators, loaded.checkpoint)
  await states.loaded(checkpoint, new Map(operators.map(({ operator, since }) => [operator, since])))
}

interface Resuming extends FormerState {
  /** Checkpoint of the entry that the ledger has; null if it has none. */
  readonly base: CheckpointId | null
  /** Resets that it carries out. */
  readonly done: readonly SourceReset[]
}

/**
 * Genesis with the resolved start offsets, or the last entry as this version of the job names its
 * parts, plus the positions of added sources. Checks everything that needs no snapshot.
 *
 * @param start savepoint from which a job begins; null: from nothing
 */
async function resume(
  found: LedgerEntry | null,
  lineage: string,
  attempt: OwnedAttempt,
  pipeline: Pick<BuiltPipeline, 'feeds' | 'outputs'>,
  { of, readers, writers }: OpenEnds,
  start: FormerEntry | null,
  reset: Reset | undefined,
): Promise<Resuming> {
  const former = found ?? start?.entry ?? null
  const change = attempt.change ?? unchanged
  const standing = former && changedEntry(former, change, endsOf(pipeline))
  if (standing !== null) hasItsEnds(standing, { readers, writers })
  const known = standing?.positions ?? []
  const added: SourcePosition[] = []
  for (const [source, reader] of readers) {
    if (known.some((position) => position.source === source)) continue
    added.push({ source, splits: await calling({ id: source }, 'resolve', () => reader.resolve()) })
  }
  const own = positionsOf(of, added)
  const base = standing ?? { ...genesis, lineage, owner: attempt.execution }
  const full = { ...base, positions: [...known, ...own] }
  const ofShard = (positions: readonly SourcePosition[]) => positionsOf(of, positions)
  const { entry, done } = await resetEntry(full, reset, { readers, feeds: pipeline.feeds, own: ofShard })
  const isNew = found === null || own.length > 0 || standing !== former || entry !== full
  return { entry, isNew, done, base: found?.checkpoint ?? null, begins: found === null ? lineage : null, start }
}

/** What a first entry decides: nothing yet. */
export const genesis = { checkpoint: 0, snapshot: null, handles: {} } as const

/** The ledger's entry, refused if the job has a plan and this execution has none. */
async function readOfKind(
  attempt: OwnedAttempt,
  { ledger }: BuiltPipeline,
  session: LedgerSession,
): Promise<LedgerEntry | null> {
  const entry = await session.read()
  if (attempt.plan !== undefined || entry?.slots === undefined) return entry
  const plans = await ledger.plans?.(attempt)
  const found = await plans?.read().finally(() => plans.close())
  throw startedWithoutPlan(found?.owners.length)
}

/**
 * A newer execution that has taken over removes snapshots it no longer needs: a missing one is then
 * no corruption.
 */
async function ofMine<A>(stillOwner: () => Promise<void>, read: () => Promise<A>): Promise<A> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof CorruptedError && thrown.code === 'SNAPSHOT_MISSING') await stillOwner()
    throw thrown
  }
}
