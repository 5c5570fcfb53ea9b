/**
 * Drives a sink under test as the runner would: written, prepared, decided, rolled forward; and
 * killed in between.
 */
import type { LedgerSession } from '../../contracts/ledger.ts'
import { type CheckpointId, type Json, streamRecord } from '../../record.ts'
import type { SinkWriter, TransactionalSink } from '../../sinks/sink.ts'
import type { ContractAttempts } from './contractAttempt.ts'

/** A sink under test, and what it has written. */
export interface TestedSink<T> {
  /** The sink, on a target that is empty. */
  readonly sink: TransactionalSink<T>
  /** The values that a reader of the target sees now, in the order in which they were written. */
  visible(): Promise<readonly unknown[]> | readonly unknown[]
}

/** One attempt. Dropped without another word, it was killed. */
export interface SinkRun<T> {
  write(...values: readonly T[]): void
  /** The handle comes back as a ledger would keep it. */
  prepare(checkpoint: CheckpointId): Promise<Json>
  /** The ledger names the checkpoint: with the sink's own ledger, that commits its transaction. */
  decide(checkpoint: CheckpointId, handle: Json): Promise<void>
  /** What follows the decision: the handle is rolled forward. */
  commit(checkpoint: CheckpointId, handle: Json): Promise<void>
  /** All three. */
  checkpoint(checkpoint: CheckpointId): Promise<Json>
  /** Records that the sink has taken and that are not safe. */
  readonly inFlight: number
}

/** What the ledger names; 0 and null: nothing yet. */
export interface Decided {
  readonly checkpoint: CheckpointId
  readonly handle: Json
}

/**
 * Starts an attempt as recovery does: opens and fences, rolls forward what is decided, drops what
 * is not.
 */
export async function sinkRun<T>(
  { begin }: ContractAttempts,
  sink: TransactionalSink<T>,
  decided: Decided = { checkpoint: 0, handle: null },
): Promise<SinkRun<T>> {
  const attempt = begin()
  const session = sink.ledger === undefined ? undefined : await attempt.open(sink.ledger)
  const writer = await attempt.open(sink)
  await session?.fence()
  if (decided.handle !== null) await writer.commit?.(decided.checkpoint, decided.handle)
  await writer.discardOthers?.(decided.handle)
  return runOf(writer, session, sink.id, attempt.context.execution, () => attempt.context.credits.inFlight)
}

function runOf<T>(
  writer: SinkWriter<T>,
  session: LedgerSession | undefined,
  id: string,
  owner: string,
  inFlight: () => number,
): SinkRun<T> {
  let offset = 0
  const run: SinkRun<T> = {
    write(...values) {
      for (const value of values) writer.write(streamRecord(value, offset, null, [], split, offset++))
    },
    prepare: async (checkpoint) => asKept(await writer.prepare(checkpoint)),
    async decide(checkpoint, handle) {
      const handles = handle === null ? {} : { [id]: handle }
      await session?.commit({ lineage: 'contract', checkpoint, owner, snapshot: null, positions: [], handles }, false)
    },
    async commit(checkpoint, handle) {
      if (handle !== null) await writer.commit?.(checkpoint, handle)
    },
    async checkpoint(checkpoint) {
      const handle = await run.prepare(checkpoint)
      await run.decide(checkpoint, handle)
      await run.commit(checkpoint, handle)
      return handle
    },
    get inFlight() {
      return inFlight()
    },
  }
  return run
}

const split = { topic: 'contract', partition: 0 }

/** In a ledger entry a handle is JSON: what JSON cannot say is lost. */
function asKept(handle: Json): Json {
  return JSON.parse(JSON.stringify(handle))
}
