/**
 * Completes a checkpoint whose barrier has left the pipeline: store, decide, roll forward. Each
 * step is a TaskEither, so a failure carries its meaning for the attempt, and nothing after it
 * runs.
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AttemptContext } from '../attempt.ts'
import { heldIn } from '../checkpoint/ledgerCodec.ts'
import { snapshotKey } from '../checkpoint/names.ts'
import { type DecidedCheckpoint, retention } from '../checkpoint/retention.ts'
import type { ChainLink } from '../checkpoint/snapshot.ts'
import { snapshotChain } from '../checkpoint/snapshotChain.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import type { SourceReader } from '../contracts/source.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { OperatorState } from '../element.ts'
import { FatalError, RetriableError, type RxweftError, toRxweftError } from '../errors.ts'
import type { CheckpointId, Json, OperatorId, SourcePosition } from '../record.ts'
import type { Committable, SinkWriter } from '../sinks/sink.ts'
import { afterReports } from './uncaught.ts'

/** Stored snapshot, and the entry that makes it count when it is in the ledger. */
export interface StoredCheckpoint {
  readonly entry: LedgerEntry
  readonly retained: Omit<DecidedCheckpoint, 'checkpoint'>
}

/** Checkpoint that the attempt resumes, and what the attempt has opened. */
export interface Resumed {
  readonly entry: Pick<LedgerEntry, 'lineage' | 'inline'>
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly writers: ReadonlyMap<OperatorId, SinkWriter<never>>
  readonly snapshots: readonly ChainLink[]
  /** Signature of the owner under its entries. */
  readonly signed: (final: boolean) => Pick<LedgerEntry, 'owner' | 'plan' | 'slots' | 'released' | 'resets'>
}

export interface Completion {
  /** Stores the snapshot; it is garbage until `decide`. */
  store(committables: readonly Committable[]): TE.TaskEither<RxweftError, StoredCheckpoint>
  /**
   * Writes the ledger entry: the decision. Then rolls handles forward and removes older snapshots;
   * its result lists the warnings from that.
   */
  decide(stored: StoredCheckpoint): TE.TaskEither<RxweftError, readonly Error[]>
}

export function completion(
  attempt: AttemptContext,
  session: LedgerSession,
  storage: CheckpointStorage,
  { entry: { lineage, inline }, readers, writers, snapshots, signed }: Resumed,
  isFinal: (checkpoint: CheckpointId) => boolean = () => false,
): Completion {
  const chain = snapshotChain(storage, snapshots, inline)
  const garbage = retention(storage, attempt)
  const task = <A>(run: () => Promise<A>): TE.TaskEither<RxweftError, A> =>
    TE.tryCatch(run, (thrown) => toRxweftError(thrown, unexpected))

  async function put(committables: readonly Committable[]): Promise<StoredCheckpoint> {
    const { checkpoint, positions, states, handles } = gather(committables)
    const { job, shard, attempt: id } = attempt
    const reported = afterReports(attempt.clock)
    const name = snapshotKey(job, shard, checkpoint, id)
    const { snapshot, inline, keys, dropped } = await chain.store(name, {
      job,
      shard,
      lineage,
      checkpoint,
      attempt: id,
      states,
    })
    await reported
    const entry = {
      lineage,
      checkpoint,
      snapshot,
      ...heldIn(inline),
      positions,
      handles,
      ...signed(isFinal(checkpoint)),
    }
    return { entry, retained: { keys, dropped } }
  }

  return {
    store: (committables) =>
      pipe(
        task(() => put(committables)),
        TE.chainFirst(({ entry }) => task(async () => attempt.probe('stored', entry.checkpoint))),
      ),
    decide({ entry, retained }) {
      return pipe(
        task(() => session.commit(entry, false)),
        TE.chain(() => task(async () => attempt.probe('committed', entry.checkpoint))),
        TE.chain(() => task(() => rollForward(entry, writers))),
        TE.chain(() => task(() => garbage.after({ ...retained, checkpoint: entry.checkpoint }))),
        TE.map((errors) => [...errors, ...release(entry, readers)]),
        TE.chainFirst(() => task(async () => attempt.probe('rolled', entry.checkpoint))),
      )
    },
  }
}

function release(
  { positions }: LedgerEntry,
  readers: ReadonlyMap<OperatorId, SourceReader<unknown>>,
): readonly Error[] {
  return positions.flatMap(({ source, splits }) => readers.get(source)?.release?.(splits) ?? [])
}

async function rollForward(entry: LedgerEntry, writers: ReadonlyMap<OperatorId, SinkWriter<never>>): Promise<void> {
  for (const [sink, handle] of Object.entries(entry.handles))
    await writers.get(sink)?.commit?.(entry.checkpoint, handle)
}

/**
 * Makes one checkpoint of what the barriers of all branches gathered. A source or operator shared
 * by branches appears in several. Two of one id in a single branch are two parts, and the state of
 * one would be lost.
 */
function gather(committables: readonly Committable[]) {
  const positions = new Map<OperatorId, SourcePosition>()
  const states = new Map<OperatorId, OperatorState>()
  const handles: Record<OperatorId, Json> = {}
  for (const committable of committables) {
    for (const position of committable.positions) positions.set(position.source, position)
    const ids = committable.states.map(({ operator }) => operator)
    const twice = ids.find((id, at) => ids.indexOf(id) !== at)
    if (twice !== undefined) throw duplicate(twice)
    for (const state of committable.states) states.set(state.operator, state)
    if (committable.handle !== null) handles[committable.sink] = committable.handle
  }
  return {
    checkpoint: committables[0]?.checkpoint ?? 0,
    positions: [...positions.values()],
    states: [...states.values()],
    handles,
  }
}

function duplicate(operator: OperatorId): FatalError {
  return new FatalError('DUPLICATE_ID', 'two sources or operators with state have the same id', {
    where: { operator },
    hint: 'Give one of them an `id` of its own and keep it. Sources with watermarks have state as well',
  })
}

function unexpected(cause: Error): RxweftError {
  return new RetriableError('CHECKPOINT_FAILED', `the checkpoint could not be completed: ${cause.message}`, { cause })
}
