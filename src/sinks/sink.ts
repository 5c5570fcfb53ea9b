/**
 * The contract of a sink that takes part in checkpoints. The runner opens it, `to(sink)` feeds it:
 *
 *     write write write  prepare(n) write write  prepare(n+1)   writes after prepare(n): n + 1
 *                          `-> handle  --> ledger names n --> commit(n, handle)
 *
 * There are two ways to be exactly once. A sink with a `ledger` writes into the very transaction
 * that decides the checkpoint, so nothing is left to do after the decision. A sink without a ledger
 * prepares durably, under a handle that never expires; the ledger entry carries the handle, and the
 * runner rolls it forward after the decision, and again in recovery.
 */
import type { Resource } from '../attempt.ts'
import type { Ledger } from '../contracts/ledger.ts'
import type { CheckpointId, Json, OperatorId, StreamRecord } from '../record.ts'

/** Delivery guarantee of a sink: with `'none'`, output may be lost or written twice. */
export type Guarantee = 'exactly-once' | 'at-least-once' | 'none'

/** Sink that takes part in checkpoints; the runner opens it once for each attempt. */
export interface TransactionalSink<T> extends Resource<SinkWriter<T>> {
  /** Id of the sink: stable across restarts, unique within the job. */
  readonly id: OperatorId
  /** Delivery guarantee that it gives. */
  readonly guarantee: Guarantee
  /**
   * Whether several shards may write to it at once, each in its own thread. Without it the job
   * cannot be spread over shards. Default false.
   */
  readonly sharded?: boolean | undefined
  /** Names of the topics it writes, if known, by which a test may address it. Default: unknown. */
  readonly topics?: readonly string[] | undefined
  /** Ledger whose entries can be written inside this sink's own transaction. Default: none. */
  readonly ledger?: Ledger
}

/** Writer of a sink for one attempt of one shard. */
export interface SinkWriter<in T> {
  /**
   * Takes one record, synchronously: it buffers, and holds a credit until the record is safe.
   *
   * Throws to refuse a record, of which it then keeps nothing: any Error, or a Fatal one with
   * `badRecord`. A failure that is not the record's fault must be another RxweftError.
   */
  write(record: StreamRecord<T>): void
  /** Present if the writer accepts records before it knows whether it must refuse them. */
  readonly late?: LateRefusals
  /**
   * Resolves when all records written before this call are in the transaction of `checkpoint`, or
   * durable under the returned handle. Called synchronously at the barrier; records written
   * afterwards belong to the next checkpoint.
   */
  prepare(checkpoint: CheckpointId): Promise<Json>
  /** Makes a prepared handle visible. Idempotent, because recovery calls it again. */
  commit?(checkpoint: CheckpointId, handle: Json): Promise<void>
  /**
   * Drops, in recovery, everything prepared except `decided`, the handle in the ledger; null: drops
   * everything.
   */
  discardOthers?(decided: Json): Promise<void>
  /** Releases the writer's resources. */
  close(): Promise<void>
}

/** Way in which a writer refuses records that it has already accepted. */
export interface LateRefusals {
  /**
   * Registers the receiver of such refusals.
   *
   * @param listener receives the record, as far as the writer kept it, with the place it was read
   *   from; the reason; and how many barriers preceded it, by default as many as `whenKnown` has
   *   called back for
   */
  onRefused(listener: (record: StreamRecord<unknown>, thrown: unknown, barriers?: number) => void): void
  /**
   * Calls back once it is known for all earlier writes whether they are refused; at once if it is
   * known already. Keeps the order of the calls, and follows all refusals of earlier writes.
   */
  whenKnown(then: () => void): void
}

/**
 * Last element of a pipeline that ends in `to(sink)`: the sink's part of a checkpoint, ready to be
 * decided.
 */
export interface Committable {
  readonly kind: 'committable'
  /** Checkpoint that it is a part of. */
  readonly checkpoint: CheckpointId
  /** Id of the sink. */
  readonly sink: OperatorId
  /** Handle of the prepared output; null if the sink has none. */
  readonly handle: Json
  /** Position of each source at the checkpoint. */
  readonly positions: import('../element.ts').Barrier['positions']
  /** State of each operator at the checkpoint. */
  readonly states: import('../element.ts').Barrier['states']
}
