/**
 * A topic in the middle of a job, through which its records find the shard that has their key: `through(topic)` of the job builder.
 *
 *   shard 0   source --> keyBy --> sink \        / source --> scan --> ...      partitions 0, 2 of the topic
 *                                        > topic <
 *   shard 1   source --> keyBy --> sink /        \ source --> scan --> ...      partitions 1, 3
 *
 * To the runner it is one more output and one more source of the same job: what was written and what was read are in ledger entries as with all
 * others, so nothing more is needed for exactly once. A record is read once the checkpoint that wrote it is committed.
 */
import type { TransactionalSink } from '../sinks/sink.ts'
import type { Source } from './source.ts'

/** A topic that is a job's own: made by `kafkaTopic` or `embeddedTopic`. `K` is the type of its keys. */
export interface ThroughTopic<T, K = unknown> {
  /** Its two ends, for the job of this name. The source makes the topic where there is none; it is opened first. */
  ends(job: string): { readonly sink: TransactionalSink<T>; readonly source: Source<T> }
  /** Only a type: no value has it. */
  readonly key?: K
}
