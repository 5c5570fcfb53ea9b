/**
 * A topic in the middle of a job moves records to the shard that has their key:
 *
 *     shard 0   source --> keyBy --> sink \        / source --> scan --> ...   partitions 0, 2
 *                                          > topic <
 *     shard 1   source --> keyBy --> sink /        \ source --> scan --> ...   partitions 1, 3
 *
 * To the runner it is one more sink and one more source of the job. Ledger entries cover what was
 * written and what was read, as for all others, so exactly-once needs nothing more. A record is
 * read after the checkpoint that wrote it is committed. Watermarks go with the records (marker.ts).
 */
import type { AttemptContext } from '../attempt.ts'
import type { Split } from '../record.ts'
import type { SinkWriter, TransactionalSink } from '../sinks/sink.ts'
import type { ShardTime, WatermarkMarker } from './marker.ts'
import type { Source, SourceReader } from './source.ts'

/** Writer of a repartition topic. */
export interface RepartitionWriter<in T> extends SinkWriter<T> {
  /**
   * Appends a marker to each partition, behind all records written so far and in their checkpoint.
   * Called synchronously before `prepare`.
   */
  mark(time: ShardTime): void
}

/** Receives a marker, and the split in which it lies. */
export type MarkerListener = (split: Split, marker: WatermarkMarker) => void

/** Reader of a repartition topic. It emits no markers as records. */
export interface RepartitionReader<T> extends SourceReader<T> {
  /**
   * Registers the receiver of markers, called by `drain` in the order of records and markers. The
   * position moves past a marker after the call.
   */
  onMarker(listener: MarkerListener): void
}

/** Upstream end of a repartition topic. */
export interface RepartitionSink<T> extends TransactionalSink<T> {
  /** Opens the writer for one attempt. */
  open(attempt: AttemptContext): Promise<RepartitionWriter<T>>
}

/** Downstream end of a repartition topic. */
export interface RepartitionSource<T> extends Source<T> {
  /** Opens the reader for one attempt. */
  open(attempt: AttemptContext): Promise<RepartitionReader<T>>
}

/**
 * Topic owned by a job, made by `kafkaRepartition` or `embeddedRepartition`. `K` is the type of its
 * keys.
 */
export interface RepartitionTopic<T, K = unknown> {
  /**
   * Makes the two ends of the topic for the job of this name. The source creates the topic if it is
   * missing; it is opened first.
   */
  ends(job: string): { readonly sink: RepartitionSink<T>; readonly source: RepartitionSource<T> }
  /** Exists in the type only; no value has it. */
  readonly key?: K
}
