/**
 * A topic in the middle of a job moves records to the shard that has their key:
 *
 *     shard 0   source --> keyBy --> sink \        / source --> scan --> ...   partitions 0, 2
 *                                          > topic <
 *     shard 1   source --> keyBy --> sink /        \ source --> scan --> ...   partitions 1, 3
 *
 * To the runner it is one more sink and one more source of the job. Ledger entries cover what was
 * written and what was read, as for all others, so exactly-once needs nothing more. A record is
 * read after the checkpoint that wrote it is committed.
 */
import type { TransactionalSink } from '../sinks/sink.ts'
import type { Source } from './source.ts'

/**
 * Topic owned by a job, made by `kafkaRepartition` or `embeddedRepartition`. `K` is the type of its
 * keys.
 */
export interface RepartitionTopic<T, K = unknown> {
  /**
   * Makes the two ends of the topic for the job of this name. The source creates the topic if it is
   * missing; it is opened first.
   */
  ends(job: string): { readonly sink: TransactionalSink<T>; readonly source: Source<T> }
  /** Exists in the type only; no value has it. */
  readonly key?: K
}
