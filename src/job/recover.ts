/**
 * Recovery, in this order:
 *
 *   open everything      checks the configuration and writes nothing
 *   agree                ledger and storage have one history (lineageCheck.ts); disturbs nobody
 *   take over            fence; commit the same entry with this owner; if none, nothing yet
 *   load the snapshot    roll forward what its checkpoint prepared, seek, restore the operators,
 *                        fill their state (attempt.ts)
 *   settle               everything that can be refused has been checked: genesis, or the positions
 *                        of added sources, go into the ledger
 *
 * So a refused start leaves nothing behind but its name as the owner, which the next start
 * replaces.
 */

import type { AttemptContext } from '../attempt.ts'
import { withInline } from '../checkpoint/inline.ts'
import { spread } from '../checkpoint/ledgerCodec.ts'
import type { ChainLink } from '../checkpoint/snapshot.ts'
import { type RestoredSnapshot, readEntriesOf, readStates } from '../checkpoint/snapshotChain.ts'
import type { LedgerEntry } from '../contracts/ledger.ts'
import { ofShard, type SourceReader } from '../contracts/source.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, FatalError, RetriableError } from '../errors.ts'
import type { Json, OperatorId, SourcePosition } from '../record.ts'
import type { SinkWriter } from '../sinks/sink.ts'
import type { StateTables } from '../state/store.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import { type LineageCheck, lineageCheck } from './lineageCheck.ts'
import { type BuiltPipeline, noLedgerForSnapshots } from './pipeline.ts'
import { type Claim, stillOwner, takeOver } from './takeOver.ts'

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
  /**
   * Writes the changes in `entry`. Call once the operators are restored and filled, before the
   * first record.
   */
  settle(): Promise<void>
}

export async function recover(
  attempt: OwnedAttempt,
  pipeline: BuiltPipeline,
  given: CheckpointStorage,
  claim: Claim,
  abandoned: readonly string[],
): Promise<Recovered> {
  for (const message of (await given.ready?.()) ?? []) {
    attempt.tell({ type: 'storage-warning', place: given.place, message })
  }
  const session = await attempt.openResource(pipeline.ledger)
  const storage = given.inLedger ? (session.snapshots ?? noLedgerForSnapshots()) : given
  const readers = new Map<OperatorId, SourceReader<unknown>>()
  const of = readingShard(attempt, pipeline)
  for (const { source, strategy } of pipeline.feeds) {
    const reader = await attempt.openResource({ open: () => source.open(of(source.id)) }, source)
    if (strategy.alignment !== undefined && reader.hold === undefined) throw cannotAlign(source.id)
    readers.set(source.id, reader)
  }
  const writers = new Map<OperatorId, SinkWriter<never>>()
  for (const { sink } of pipeline.outputs) writers.set(sink.id, await attempt.openResource(sink))

  const { place } = pipeline.ledger
  const lineage = lineageCheck({ attempt, session, storage, claim, place, abandoned })
  await lineage.agree()
  let resuming: Resuming | undefined
  await takeOver(
    session,
    claim,
    async (found) => {
      const standing = await lineage.standing(found)
      resuming = await resume(standing, lineage.lineage(), attempt, of, readers, writers)
      return standing === null ? null : { ...standing, owner: attempt.execution }
    },
    attempt,
  )
  const { entry, isNew } = resuming as unknown as Resuming
  const mine = () => stillOwner(session, claim)
  const snapshots = withInline(storage, entry.inline)
  const restored = await loadSnapshot(attempt, snapshots, entry, mine)
  for (const [id, writer] of writers) {
    const handle = entry.handles[id] ?? null
    if (handle !== null) await writer.commit?.(entry.checkpoint, handle)
  }
  // A source that was read everywhere before has left the positions of all splits.
  for (const { source, splits } of entry.positions) {
    await readers.get(source)?.seek(splits.filter((split) => ofShard(of(source), split)))
  }
  return {
    ...{ entry, readers, writers, storage },
    states: restored?.states ?? new Map(),
    snapshots: restored?.chain ?? [],
    loadEntries: (states) => ofMine(mine, () => fill(states, entry, restored, snapshots)),
    async settle() {
      if (isNew) await takeOver(session, claim, (found) => settled(found, entry, lineage), attempt)
      await lineage.begun(entry)
      for (const [id, writer] of writers) await writer.discardOthers?.(entry.handles[id] ?? null)
    },
  }
}

/**
 * The ledger still has the entry found before the checks, or none: this execution has fenced it, so
 * nobody else can have written.
 */
async function settled(found: LedgerEntry | null, entry: LedgerEntry, lineage: LineageCheck): Promise<LedgerEntry> {
  const standing = await lineage.standing(found)
  const same = standing === null || (standing.lineage === entry.lineage && standing.checkpoint === entry.checkpoint)
  if (!same) throw new RetriableError('HISTORY_MOVED', 'the ledger changed while the job was starting')
  await lineage.intend()
  return entry
}

async function fill(
  states: StateTables,
  { checkpoint, snapshot }: LedgerEntry,
  restored: RestoredSnapshot | null,
  storage: CheckpointStorage,
): Promise<void> {
  const operators = restored?.header.operators ?? []
  const claimed = new Set(operators.filter(({ operator }) => states.claims(operator)).map(({ operator }) => operator))
  if (snapshot !== null && restored !== null && claimed.size > 0) {
    await readEntriesOf(storage, snapshot, restored.header, (operator, block) => {
      if (claimed.has(operator)) states.load(operator, block)
    })
  }
  states.loaded(checkpoint, new Map(operators.map(({ operator, since }) => [operator, since])))
}

interface Resuming {
  /** Entry from which the attempt continues. */
  readonly entry: LedgerEntry
  /** True if the ledger does not have it yet: it is genesis, or has added sources. */
  readonly isNew: boolean
}

/**
 * Genesis with the resolved start offsets, or the last entry plus those of added sources. Checks
 * everything that needs no snapshot.
 */
async function resume(
  found: LedgerEntry | null,
  lineage: string,
  attempt: OwnedAttempt,
  of: (source: OperatorId) => AttemptContext,
  readers: ReadonlyMap<OperatorId, SourceReader<unknown>>,
  writers: ReadonlyMap<OperatorId, SinkWriter<never>>,
): Promise<Resuming> {
  const known = found?.positions ?? []
  const orphaned = Object.keys(found?.handles ?? {}).find((sink) => !writers.has(sink))
  if (orphaned !== undefined) throw sinkMissing(orphaned)
  const dropped = known.find(({ source }) => !readers.has(source))
  if (dropped !== undefined) throw sourceMissing(dropped.source)
  const added: SourcePosition[] = []
  for (const [source, reader] of readers) {
    if (!known.some((position) => position.source === source)) added.push({ source, splits: await reader.resolve() })
  }
  if (found === null)
    enoughPartitions(
      added.filter(({ source }) => of(source).everywhere !== true),
      attempt.shards,
    )
  const own = added.map(({ source, splits }) => ({ source, splits: splits.filter((one) => ofShard(of(source), one)) }))
  const base = found ?? { lineage, checkpoint: 0, snapshot: null, handles: {}, ...spread(attempt.shards) }
  const entry = { ...base, owner: attempt.execution, positions: [...known, ...own] }
  return { entry, isNew: found === null || own.length > 0 }
}

/**
 * Checked before genesis of shard 0, which fixes the number of shards: a shard without partitions
 * is a mistake.
 */
function enoughPartitions(positions: readonly SourcePosition[], shards: number): void {
  const partitions = positions.flatMap(({ splits }) => splits.map(({ partition }) => partition + 1))
  const most = partitions.reduce((a, b) => Math.max(a, b), 0)
  if (shards === 1 || most >= shards) return
  throw new FatalError(
    'TOO_MANY_SHARDS',
    `the job has ${shards} shards, but no source has more than ${most} partitions`,
    {
      hint: 'Start the job with at most as many shards as partitions. Nothing was written',
    },
  )
}

function sourceMissing(operator: OperatorId): FatalError {
  return new FatalError(
    'SOURCE_MISSING',
    `the last checkpoint has offsets of the source "${operator}", which the job no longer has`,
    {
      where: { operator },
      hint: 'Restore the source or its previous `id`. To drop its offsets on purpose, start the job under another name',
    },
  )
}

/** The attempt as each source sees it: with the splits that this shard reads. */
function readingShard(attempt: AttemptContext, { feeds }: BuiltPipeline): (source: OperatorId) => AttemptContext {
  const everywhere = new Set(feeds.filter((fed) => fed.everywhere).map(({ source }) => source.id))
  return (source) => (everywhere.has(source) ? { ...attempt, everywhere: true } : attempt)
}

/** Only the handle's own sink can roll it forward, or tell that this has been done. */
function sinkMissing(operator: OperatorId): FatalError {
  return new FatalError(
    'SINK_MISSING',
    `the last checkpoint has prepared output of the sink "${operator}", which the job no longer has`,
    {
      where: { operator },
      hint: 'Restore the sink or its previous `id`. To drop this output on purpose, start the job under another name',
    },
  )
}

function cannotAlign(operator: OperatorId): FatalError {
  return new FatalError('CANNOT_ALIGN', 'the source cannot pause single splits', {
    where: { operator },
    hint: 'Remove withAlignment, or implement `hold` in the reader of the source (and `ended` if it is bounded)',
  })
}

async function loadSnapshot(
  { job, shard }: OwnedAttempt,
  storage: CheckpointStorage,
  { lineage, snapshot }: LedgerEntry,
  stillOwner: () => Promise<void>,
): Promise<RestoredSnapshot | null> {
  if (snapshot === null) return null
  return ofMine(stillOwner, () => readStates(storage, snapshot, { job, shard, lineage }))
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
