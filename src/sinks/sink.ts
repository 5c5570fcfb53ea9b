/**
 * The contract of a sink that takes part in checkpoints. The runner opens it, `to(sink)` feeds it:
 *
 *   write write write  prepare(n) write write  prepare(n+1)      what comes after prepare(n) belongs to n + 1
 *                        `-> handle  --> ledger names n --> commit(n, handle)
 *
 * There are two ways to be exactly once. A sink with a `ledger` writes into the very transaction that decides the checkpoint:
 * it has nothing to do after the decision. A sink without one prepares durably, under a handle that never expires; the ledger
 * entry carries the handle, and the runner rolls it forward afterwards, and again in recovery.
 */

import type { Resource } from '../attempt.ts'
import type { Ledger } from '../contracts/ledger.ts'
import type { CheckpointId, Json, OperatorId, StreamRecord } from '../record.ts'

export type Guarantee = 'exactly-once' | 'at-least-once' | 'none'

export interface TransactionalSink<T> extends Resource<SinkWriter<T>> {
  readonly id: OperatorId
  readonly guarantee: Guarantee
  /** Shards of a job, each in a thread of its own, may write to it at once. Without it the job cannot be spread. */
  readonly sharded?: boolean | undefined
  /** What it writes to, where that has names and is known: a test may call the sink by them. */
  readonly topics?: readonly string[] | undefined
  /** Set where the decision about a checkpoint can be written inside this sink's own transaction. */
  readonly ledger?: Ledger
}

export interface SinkWriter<in T> {
  /**
   * Takes one record; synchronous, so it buffers, and takes a credit until the record is safe. Throws on a record that it refuses, of which
   * it has then kept nothing: any Error, or a Fatal one with `badRecord`; what the record is not to blame for must be another RxweftError.
   */
  write(record: StreamRecord<T>): void
  /** Only of a writer that takes records before it knows whether it must refuse them. */
  readonly late?: LateRefusals
  /**
   * Resolves when all that was written before this call is in the transaction of `checkpoint`, or durable under the returned
   * handle. Called synchronously at the barrier; records written afterwards belong to the next checkpoint.
   */
  prepare(checkpoint: CheckpointId): Promise<Json>
  /** Makes a prepared handle visible. Idempotent: it is called again in recovery. */
  commit?(checkpoint: CheckpointId, handle: Json): Promise<void>
  /** Recovery: drops whatever was prepared and is not `decided`, the handle that the ledger names (null: none). */
  discardOthers?(decided: Json): Promise<void>
  close(): Promise<void>
}

/** How a writer refuses records that it has taken already. */
export interface LateRefusals {
  /**
   * Where such refusals go.
   * @param listener gets the record, as far as the writer has kept it, with the place that it was read from; why it is refused; and how
   *   many barriers had come before it, by default as many as `whenKnown` has called back for
   */
  onRefused(listener: (record: StreamRecord<unknown>, thrown: unknown, barriers?: number) => void): void
  /**
   * Calls back once it is known of all that was written before whether it is refused; at once where it is. In the order of the calls, and
   * after all refusals of what was written before.
   */
  whenKnown(then: () => void): void
}

/** What leaves a pipeline that ends in `to(sink)`: all that the checkpoint needs from this sink, ready to be decided. */
export interface Committable {
  readonly kind: 'committable'
  readonly checkpoint: CheckpointId
  readonly sink: OperatorId
  readonly handle: Json
  readonly positions: import('../element.ts').Barrier['positions']
  readonly states: import('../element.ts').Barrier['states']
}
