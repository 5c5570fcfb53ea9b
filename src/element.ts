/**
 * What flows through a pipeline. Records carry the data; the other four are in-band control, so that operators need no side
 * channel and marble tests can show everything that happens:
 *
 *   R--a--b--1--c--W--2--|      R restore, a b c records, 1 2 barriers, W watermark
 *
 * Every element has one constructor with explicit fields: spreading a record costs ten times as much (DESIGN.md).
 */
import type { BarrierWatch, Credits } from './backPressure.ts'
import type { Notice } from './notice.ts'

export type { BarrierWatch, Credits, HeldBarrier, Stage } from './backPressure.ts'

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

/** No record with a lower timestamp is expected any more. +Infinity: the input has ended. */
export interface Watermark {
  readonly kind: 'watermark'
  /** ms since the epoch */
  readonly timestamp: number
}

/** This input is silent and holds back no watermark until its next record. */
export interface Idle {
  readonly kind: 'idle'
}

/** The state of one operator at a barrier. */
export interface OperatorState {
  readonly operator: OperatorId
  /** Small; comes back in `Restore.states`. */
  readonly state: Json
  /** Keyed state, of which only what has changed is written. */
  readonly entries?: StateEntries
}

/** What a snapshot holds of an operator's keyed state, beside the snapshots before it. */
export interface StateEntries {
  /** The oldest checkpoint whose entries are needed too. Infinity: there is no state. */
  readonly since: CheckpointId
  /** The entries in pieces, each made when it is asked for: others may have their turn in between. To be taken to the end, once. */
  blocks(): Iterable<EntryBlock>
}

/** Entries of one table, of one version. There may be none: then making the block has only taken time. */
export interface EntryBlock {
  readonly table: string
  readonly version: number
  readonly bytes: Uint8Array
}

/**
 * Separates the records of checkpoint n from those of n + 1, and gathers on its way what the snapshot needs.
 * Source: Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows" (2015).
 */
export interface Barrier {
  readonly kind: 'barrier'
  readonly checkpoint: CheckpointId
  readonly positions: readonly SourcePosition[]
  readonly states: readonly OperatorState[]
}

/** The first element of an attempt: hands out the states of the checkpoint that the attempt resumes, and its services. */
export interface Restore {
  readonly kind: 'restore'
  readonly checkpoint: CheckpointId
  readonly states: ReadonlyMap<OperatorId, Json>
  readonly services: Services
}

export type StreamElement<T, K = unknown> = StreamRecord<T, K> | Watermark | Idle | Barrier | Restore

/** Time, so that a test can be its master. All in ms. */
export interface Clock {
  /** The time of day, since the epoch. For timestamps only: people and NTP set it forward and back. */
  now(): number
  /** Time since some fixed moment; it only rises, and nobody can set it. For every duration: deadlines, pauses, delays. */
  monotonic(): number
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(timer: unknown): void
}

/** Something that an attempt opens before its first element. `W` is what operators then find under it. */
export interface Resource<W> {
  open(attempt: AttemptContext): Promise<W>
}

/** What becomes of a record that cannot be processed: the job ends, or it goes on without the record, which is then counted or kept. */
export type OnError = 'fail' | 'skip' | 'dead-letter'

/** A record that could not be processed, as it was before. */
export interface BadRecord {
  readonly record: StreamRecord<unknown>
  /** Who could not: an operator, a source, a sink. */
  readonly operator: OperatorId
  /** The checkpoint that the record belongs to: n + 1 where it came after barrier n. */
  readonly checkpoint: CheckpointId
  /** `badRecord` is true where the record is at fault; all other errors end the attempt, whatever the policy. */
  readonly error: Error & {
    readonly code: string
    readonly badRecord: boolean
    /** `lastOffset`: a whole record batch is at fault, from the offset of the record on. */
    readonly where?: { readonly lastOffset?: number }
  }
}

/** Where bad records go. */
export interface BadRecords {
  /** The policy of an operator: its own, else the job's. Throws Fatal NO_DEAD_LETTER_SINK, or BAD_OPTION on what is no policy. */
  policy(operator: OperatorId, own: OnError | undefined): OnError
  /** null: it is taken care of, go on without it. Else what to end with: its error, or that of the attempt to take care of it. Never throws. */
  take(bad: BadRecord, policy: OnError): Error | null
  /** The operator has left a record out because it came too late. Records are counted, so that none vanishes silently. */
  late(operator: OperatorId, checkpoint: CheckpointId): void
  /** An output has passed this barrier, and will refuse no record that came before it. Once for each output and barrier. */
  passed(checkpoint: CheckpointId): void
}

/** What an attempt offers to the operators of its pipeline: the part of the runner that `Restore` hands out. */
export interface Services {
  readonly badRecords: BadRecords
  readonly clock: Clock
  readonly credits: Credits
  readonly barriers: BarrierWatch
  /** exactly-once aligns barriers where streams merge; at-least-once does not wait. */
  readonly mode: CheckpointMode
  /** What the attempt opened for this resource. Throws if it opened nothing. */
  opened<W>(resource: Resource<W>): W
}

export type CheckpointMode = 'exactly-once' | 'at-least-once'

/**
 * The steps of the checkpoint protocol, in order. Crash tests end the process at one of them.
 *
 *   barrier      the sources have emitted barrier n
 *   prepared     every sink has flushed what precedes it
 *   stored       the snapshot is durable, and still garbage
 *   ledger       (Kafka, embedded) the entry is in the open transaction
 *   ending       (Kafka) EndTxn is about to be sent
 *   committed    the ledger's transaction answered OK
 *   rolled       handles are rolled forward, old snapshots removed
 */
export type ProtocolStep = 'barrier' | 'prepared' | 'stored' | 'ledger' | 'ending' | 'committed' | 'rolled'

export type Probe = (step: ProtocolStep, checkpoint: CheckpointId) => void

/** What an attempt offers to sources, sinks and ledgers. An attempt is one run of a job between two failures. */
export interface AttemptContext extends Services {
  readonly job: string
  /** The unit of consistency: a fixed set of source partitions with its own state, ledger key and transactional ids. */
  readonly shard: number
  /** Of how many; 1: the job is not spread. */
  readonly shards: number
  /** One per `execute`, and so the same over restarts; unique in the world. */
  readonly execution: string
  /** Unique per attempt, fit for file names. */
  readonly attempt: string
  /** Operators whose state a snapshot may have and the job not; true: any. */
  readonly allowDroppedState: readonly OperatorId[] | boolean
  readonly signal: AbortSignal
  /** How long a transaction may have to stay open: checkpoint interval (or pause, if longer) plus checkpoint timeout, ms. */
  readonly longestTransaction: number
  /** Ends the attempt: for failures that happen outside any call of the runner. The first one counts. */
  fail(error: unknown): void
  /** Emits an event of the job. */
  tell(notice: Notice): void
  /** Tells that a step of the checkpoint protocol is being passed. */
  readonly probe: Probe
  /** One object per attempt and key, made by the first who asks; its `close`, where it has one, is called at the end. */
  share<T>(key: object, create: () => T): T
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

export function watermark(timestamp: number): Watermark {
  return { kind: 'watermark', timestamp }
}

export const idle: Idle = { kind: 'idle' }

export function barrier(
  checkpoint: CheckpointId,
  positions: readonly SourcePosition[] = [],
  states: readonly OperatorState[] = [],
): Barrier {
  return { kind: 'barrier', checkpoint, positions, states }
}

/** The barrier with one operator's state added. */
export function withState(passing: Barrier, operator: OperatorId, state: Json): Barrier {
  return withOperatorState(passing, { operator, state })
}

export function withOperatorState(passing: Barrier, state: OperatorState): Barrier {
  const { checkpoint, positions, states } = passing
  return { kind: 'barrier', checkpoint, positions, states: [...states, state] }
}

export function restore(checkpoint: CheckpointId, states: ReadonlyMap<OperatorId, Json>, services: Services): Restore {
  return { kind: 'restore', checkpoint, states, services }
}
