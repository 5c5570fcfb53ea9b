/**
 * What an attempt opens before it knows where it continues: the ledger, the readers of its sources
 * and the writers of its sinks. And which splits each reader is to read.
 */
import type { AttemptContext } from '../attempt.ts'
import { noLedgerForSnapshots } from '../checkpoint/inLedger.ts'
import type { Ledger, LedgerSession } from '../contracts/ledger.ts'
import { ofShard, type SourceReader } from '../contracts/source.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { FatalError } from '../errors.ts'
import { calling } from '../partFailed.ts'
import type { OperatorId, SourcePosition } from '../record.ts'
import type { SinkWriter } from '../sinks/sink.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import type { BuiltPipeline } from './pipeline.ts'

/** Ledger session, readers and writers of an attempt. */
export interface OpenEnds {
  readonly session: LedgerSession
  /** Where snapshots lie: the given storage, or the ledger. */
  readonly storage: CheckpointStorage
  /** The attempt as each source sees it. */
  readonly of: (source: OperatorId) => AttemptContext
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly writers: ReadonlyMap<OperatorId, SinkWriter<never>>
}

/** Asks the storage whether it can work, before anything else is asked of it. */
export async function storageReady({ tell }: OwnedAttempt, given: CheckpointStorage): Promise<void> {
  for (const message of (await given.ready?.()) ?? []) tell({ type: 'storage-warning', place: given.place, message })
}

/**
 * Opens everything, which checks the configuration and writes nothing. Side by side, since each
 * part waits for answers most of the time; the first failure counts, and what opens after it is
 * closed again.
 */
export async function openEnds(
  attempt: OwnedAttempt,
  pipeline: BuiltPipeline,
  given: CheckpointStorage,
): Promise<OpenEnds> {
  const of = readingShard(attempt, pipeline)
  const [session, ...opened] = await Promise.all([
    attempt.openResource(pipeline.ledger),
    ...pipeline.feeds.map(async ({ source, strategy }) => {
      const open = (its: AttemptContext) => {
        // A mover opens the parts of the job with the slots after the move.
        const shard = readingShard({ ...its, slots: attempt.slots }, pipeline)(source.id)
        return source.open({ ...shard, meter: its.meters?.source(source.id) })
      }
      const reader = await attempt.openResource<SourceReader<unknown>>({ open }, source)
      if (strategy.alignment !== undefined && reader.hold === undefined) throw cannotAlign(source.id)
      return [source.id, reader] as const
    }),
  ])
  const storage = given.inLedger ? (session.snapshots ?? noLedgerForSnapshots()) : given
  // Sinks write in the session, and may write what a source reads.
  const written = await Promise.all(
    pipeline.outputs.map(async ({ sink }) => {
      const open = (its: AttemptContext) => sink.open({ ...its, meter: its.meters?.sink(sink.id) })
      return [sink.id, await attempt.openResource<SinkWriter<never>>({ open }, sink)] as const
    }),
  )
  const [readers, writers] = [new Map(opened), new Map(written)]
  return { session: named(pipeline.ledger, session), storage, of, readers, writers }
}

/** A session whose plain errors name the ledger. */
function named(ledger: Ledger, session: LedgerSession): LedgerSession {
  return {
    read: () => calling(ledger, 'read', () => session.read()),
    fence: () => calling(ledger, 'fence', () => session.fence()),
    commit: (...entry) => calling(ledger, 'commit', () => session.commit(...entry)),
    close: () => session.close(),
  }
}

type ReadingShard = Pick<AttemptContext, 'shard' | 'slots' | 'everywhere'>

/** A shard as each source sees it: with the splits that it reads. */
export function readingShard<S extends ReadingShard>(
  shard: S,
  { feeds }: Pick<BuiltPipeline, 'feeds'>,
): (source: OperatorId) => S {
  const everywhere = new Set(feeds.filter((fed) => fed.everywhere).map(({ source }) => source.id))
  return (source) => (everywhere.has(source) ? { ...shard, everywhere: true } : shard)
}

/** The part of the positions that belongs to a shard, as each source sees it. */
export function positionsOf(
  of: (source: OperatorId) => ReadingShard,
  positions: readonly SourcePosition[],
): readonly SourcePosition[] {
  return positions.map(({ source, splits }) => ({ source, splits: splits.filter((one) => ofShard(of(source), one)) }))
}

function cannotAlign(operator: OperatorId): FatalError {
  return new FatalError('CANNOT_ALIGN', 'the source cannot pause single splits', {
    where: { operator },
    hint: 'Remove withAlignment, or implement `hold` in the reader of the source (and `ended` if it is bounded)',
  })
}
