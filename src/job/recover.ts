/**
 * Recovery, in this order: open everything (which checks the configuration and writes nothing), take the ledger over, load the
 * snapshot that its entry names, roll forward what that checkpoint had prepared, discard what it does not name, seek.
 */
import { randomUUID } from 'node:crypto'
import type { LedgerEntry } from '../checkpoint/ledger.ts'
import { spread } from '../checkpoint/ledgerCodec.ts'
import type { ChainLink } from '../checkpoint/snapshot.ts'
import { type RestoredSnapshot, readEntriesOf, readStates } from '../checkpoint/snapshotChain.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import type { Json, OperatorId, SourcePosition } from '../element.ts'
import { CorruptedError, FatalError } from '../errors.ts'
import type { SinkWriter } from '../sinks/sink.ts'
import { ofShard, type SourceReader } from '../sources/source.ts'
import type { StateBackend } from '../state/store.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { type Claim, stillOwner, takeOver } from './takeOver.ts'

export interface Recovered {
  readonly entry: LedgerEntry
  readonly states: ReadonlyMap<OperatorId, Json>
  /** The snapshots that the state consists of. */
  readonly snapshots: readonly ChainLink[]
  /** Fills the keyed states of the operators, which have opened them by then. Errors: those of `StateBackend`, and of damaged snapshots. */
  loadEntries(states: StateBackend): Promise<void>
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly writers: ReadonlyMap<OperatorId, SinkWriter<never>>
}

export async function recover(
  attempt: OwnedAttempt,
  pipeline: BuiltPipeline,
  storage: CheckpointStorage,
  claim: Claim,
): Promise<Recovered> {
  for (const message of (await storage.ready?.()) ?? []) {
    attempt.tell({ type: 'storage-warning', place: storage.place, message })
  }
  const session = await attempt.openResource(pipeline.ledger)
  const readers = new Map<OperatorId, SourceReader<unknown>>()
  for (const { source, strategy } of pipeline.feeds) {
    const reader = await attempt.openResource(source)
    if (strategy.alignment !== undefined && reader.hold === undefined) throw cannotAlign(source.id)
    readers.set(source.id, reader)
  }
  const writers = new Map<OperatorId, SinkWriter<never>>()
  for (const { sink } of pipeline.outputs) writers.set(sink.id, await attempt.openResource(sink))

  const entry = await takeOver(session, claim, (found) => inherit(found, attempt, readers, writers), attempt)
  const mine = () => stillOwner(session, claim)
  const restored = await loadSnapshot(attempt, storage, entry, mine)
  for (const [id, writer] of writers) {
    const handle = entry.handles[id] ?? null
    if (handle !== null) await writer.commit?.(entry.checkpoint, handle)
    await writer.discardOthers?.(handle)
  }
  for (const { source, splits } of entry.positions) await readers.get(source)?.seek(splits)
  return {
    ...{ entry, readers, writers },
    states: restored?.states ?? new Map(),
    snapshots: restored?.chain ?? [],
    loadEntries: (states) => ofMine(mine, () => fill(states, entry, restored, storage)),
  }
}

async function fill(
  states: StateBackend,
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

/** The entry that this execution owns: genesis with the resolved start offsets, or the last one, with new sources resolved too. */
async function inherit(
  found: LedgerEntry | null,
  attempt: OwnedAttempt,
  readers: ReadonlyMap<OperatorId, SourceReader<unknown>>,
  writers: ReadonlyMap<OperatorId, SinkWriter<never>>,
): Promise<LedgerEntry> {
  const known = found?.positions ?? []
  const orphaned = Object.keys(found?.handles ?? {}).find((sink) => !writers.has(sink))
  if (orphaned !== undefined) throw sinkMissing(orphaned)
  const dropped = known.find(({ source }) => !readers.has(source))
  if (dropped !== undefined) {
    throw new FatalError(
      'SOURCE_MISSING',
      `the last checkpoint has read from "${dropped.source}", which the job does not have`,
      {
        where: { operator: dropped.source },
        hint: 'Put the source back, or give it its former `id`; a job that shall forget it needs another name',
      },
    )
  }
  const added: SourcePosition[] = []
  for (const [source, reader] of readers) {
    if (!known.some((position) => position.source === source)) added.push({ source, splits: await reader.resolve() })
  }
  if (found === null) enoughPartitions(added, attempt.shards)
  const own = added.map(({ source, splits }) => ({ source, splits: splits.filter((one) => ofShard(attempt, one)) }))
  const base = found ?? { lineage: randomUUID(), checkpoint: 0, snapshot: null, handles: {}, ...spread(attempt.shards) }
  return { ...base, owner: attempt.execution, positions: [...known, ...own] }
}

/** Before genesis of shard 0, after which the number of shards cannot change any more: a shard that has nothing to read is a mistake. */
function enoughPartitions(positions: readonly SourcePosition[], shards: number): void {
  const partitions = positions.flatMap(({ splits }) => splits.map(({ partition }) => partition + 1))
  const most = partitions.reduce((a, b) => Math.max(a, b), 0)
  if (shards === 1 || most >= shards) return
  throw new FatalError('TOO_MANY_SHARDS', `no source has more than ${most} partitions for ${shards} shards`, {
    hint: 'Start the job with as many shards as there are partitions, or fewer; nothing was written',
  })
}

/** Only its own sink can say whether the handle has been rolled forward, and do so. */
function sinkMissing(operator: OperatorId): FatalError {
  return new FatalError(
    'SINK_MISSING',
    `the last checkpoint has prepared output for "${operator}", which the job does not have`,
    {
      where: { operator },
      hint: 'Put the sink back, or give it its former `id`; a job that shall forget it needs another name',
    },
  )
}

function cannotAlign(operator: OperatorId): FatalError {
  return new FatalError('CANNOT_ALIGN', 'the source cannot hold single splits back', {
    where: { operator },
    hint: 'Leave out withAlignment, or give its reader `hold`, and `ended` where it is bounded',
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

/** A newer execution that has taken over meanwhile removes what it needs no more: that is no corruption. */
async function ofMine<A>(stillOwner: () => Promise<void>, read: () => Promise<A>): Promise<A> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof CorruptedError && thrown.code === 'SNAPSHOT_MISSING') await stillOwner()
    throw thrown
  }
}
