/** Records and their names: ids, keys, offsets, positions. The lowest layer; it imports nothing. */
/** Number of a checkpoint, from 1; 0 is genesis, the position before the first record. */
export type CheckpointId = number

/**
 * Name of a source, a sink or an operator with state: stable across restarts, unique within a job.
 */
export type OperatorId = string

/** Key of keyed state; within an operator, all keys are of one type. NaN is not a key. */
export type Key = string | number | bigint | boolean

/** Value that JSON can represent, as in snapshots and sink handles. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * Ordered part of a source that can be read independently: for Kafka, a partition.
 *
 * One object per split is shared by all its records.
 */
export interface Split {
  /** Name of the topic. */
  readonly topic: string
  /** Number of the partition, from 0. */
  readonly partition: number
}

/** Next offset to read of one split. */
export interface SplitOffset extends Split {
  /** Next offset to read. */
  readonly offset: number
  /** Id that tells a re-created topic from its predecessor. */
  readonly topicId?: string
  /**
   * Leader epoch of the last record read, by which the broker detects that the log before `offset`
   * was replaced.
   */
  readonly leaderEpoch?: number
}

/** Position of one source: the next offset of each of its splits. */
export interface SourcePosition {
  /** Id of the source. */
  readonly source: OperatorId
  /** Next offset of each split. */
  readonly splits: readonly SplitOffset[]
}

/** Header of a record; names may repeat, and order is kept, as in Kafka. */
export interface Header {
  /** Name of the header. */
  readonly name: string
  /** Bytes of the header; null is allowed. */
  readonly value: Uint8Array | null
}

/** Record in a pipeline: a value with its event time, key, headers and place of origin. */
export interface StreamRecord<T, K = unknown> {
  readonly kind: 'record'
  /** Value, as decoded by the source or made by the last operator. */
  readonly value: T
  /** Event time, ms since the epoch. */
  readonly timestamp: number
  /**
   * Message key as decoded by the source, or null; after `keyBy`, the key that it chose. Sinks
   * write it.
   */
  readonly key: K
  /** Headers; operators keep those of their input. */
  readonly headers: readonly Header[]
  /** Split from which the record was read. Operators keep that of their input. */
  readonly split: Split
  /** Offset in its split. Operators keep that of their input. */
  readonly offset: number
  /** Timestamp in the source, ms since the epoch. Default: `timestamp`. */
  readonly sourceTime?: number | undefined
  /**
   * Timestamp that sinks write by default, ms since the epoch; differs from `timestamp` if that
   * lies ahead of all input. Default: `timestamp`.
   */
  readonly writtenTime?: number | undefined
}

/** Makes a record. Explicit arguments keep all records in one hidden class. */
export function streamRecord<T, K = unknown>(
  value: T,
  timestamp: number,
  key: K,
  headers: readonly Header[],
  split: Split,
  offset: number,
): StreamRecord<T, K> {
  return { kind: 'record', value, timestamp, key, headers, split, offset }
}

// In V8 a number that is no small integer has a box of its own in each object, until the field has
// once held something else: then copies of a record share the box (bench/hotPath.ts: -4 %).
streamRecord(null, undefined as never, null, [], { topic: '', partition: 0 }, undefined as never)

/** Copies a record with another value; key, headers, timestamps and place stay. */
export function withValue<T, R, K = unknown>(record: StreamRecord<T, K>, value: R): StreamRecord<R, K> {
  if (hasMoreTimes(record)) return withMoreTimes(record, value, record.key)
  const { timestamp, key, headers, split, offset } = record
  return streamRecord(value, timestamp, key, headers, split, offset)
}

/** Copies a record with another key. */
export function withKey<T, K>(record: StreamRecord<T>, key: K): StreamRecord<T, K> {
  if (hasMoreTimes(record)) return withMoreTimes(record, record.value, key)
  const { value, timestamp, headers, split, offset } = record
  return streamRecord(value, timestamp, key, headers, split, offset)
}

/** True for few records: most are of one, smaller hidden class. */
const hasMoreTimes = ({ sourceTime, writtenTime }: StreamRecord<unknown>): boolean =>
  sourceTime !== undefined || writtenTime !== undefined

function withMoreTimes<R, K>(record: StreamRecord<unknown>, value: R, key: K): StreamRecord<R, K> {
  const { timestamp, headers, split, offset, sourceTime, writtenTime } = record
  return { kind: 'record', value, timestamp, key, headers, split, offset, sourceTime, writtenTime }
}
