/** Records and what names them: ids, keys, offsets, positions. The lowest layer: it knows nothing else. */

/** Counts the checkpoints of a job, from 1; 0 is genesis, the position before the first record. */
export type CheckpointId = number

/** Names a source, a sink or an operator with state; stable across restarts, unique within a job. */
export type OperatorId = string

/** What state can be kept under: within an operator, the keys of records are of one type. NaN is none. */
export type Key = string | number | bigint | boolean

/** Whatever JSON can say: what snapshots and sink handles are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** One independently readable, ordered part of a source: for Kafka, a partition. Shared by all its records. */
export interface Split {
  readonly topic: string
  readonly partition: number
}

/** The next offset to read of one split. */
export interface SplitOffset extends Split {
  readonly offset: number
  /** Tells a re-created topic from the one that was read before. */
  readonly topicId?: string
  /** Leader epoch of the last record read: where the log before `offset` was replaced, the broker can tell. */
  readonly leaderEpoch?: number
}

/** How far one source has been read: the next offset of each of its splits. */
export interface SourcePosition {
  readonly source: OperatorId
  readonly splits: readonly SplitOffset[]
}

/** A message header; names may repeat, and order is kept, as in Kafka. */
export interface Header {
  readonly name: string
  readonly value: Uint8Array | null
}

export interface StreamRecord<T, K = unknown> {
  readonly kind: 'record'
  readonly value: T
  /** Event time, in ms since the epoch. */
  readonly timestamp: number
  /** The message key as the source decoded it, null where there is none; after `keyBy`, what that has chosen. Sinks write it. */
  readonly key: K
  readonly headers: readonly Header[]
  /** Where the record was read: its split and offset there. Operators that make new records keep those of their input. */
  readonly split: Split
  readonly offset: number
  /** Timestamp in the source, ms since the epoch; absent where that is `timestamp`. */
  readonly sourceTime?: number | undefined
  /** Timestamp that sinks write by default, ms since the epoch; absent where that is `timestamp`, which may lie ahead of all input. */
  readonly writtenTime?: number | undefined
}

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

/** The same record with another value: key, headers, timestamps and place stay. */
export function withValue<T, R, K = unknown>(record: StreamRecord<T, K>, value: R): StreamRecord<R, K> {
  if (hasMoreTimes(record)) return withMoreTimes(record, value, record.key)
  const { timestamp, key, headers, split, offset } = record
  return streamRecord(value, timestamp, key, headers, split, offset)
}

/** The same record with another key. */
export function withKey<T, K>(record: StreamRecord<T>, key: K): StreamRecord<T, K> {
  if (hasMoreTimes(record)) return withMoreTimes(record, record.value, key)
  const { value, timestamp, headers, split, offset } = record
  return streamRecord(value, timestamp, key, headers, split, offset)
}

/** Seldom: most records are of one hidden class, which is smaller. */
const hasMoreTimes = ({ sourceTime, writtenTime }: StreamRecord<unknown>): boolean =>
  sourceTime !== undefined || writtenTime !== undefined

function withMoreTimes<R, K>(record: StreamRecord<unknown>, value: R, key: K): StreamRecord<R, K> {
  const { timestamp, headers, split, offset, sourceTime, writtenTime } = record
  return { kind: 'record', value, timestamp, key, headers, split, offset, sourceTime, writtenTime }
}
