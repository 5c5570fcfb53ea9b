/**
 * Elements of a pipeline. Records carry the data; the other four are in-band control, so operators
 * need no side channel and marble tests show everything that happens:
 *
 *     R--a--b--1--c--W--2--|      R restore, a b c records, 1 2 barriers, W watermark
 *
 * Every element has one constructor with explicit fields: spreading a record costs ten times as
 * much (DESIGN.md).
 */
import type { Services } from './attempt.ts'
import type { FindKeySlots } from './keySlots.ts'
import type { CheckpointId, Json, OperatorId, SourcePosition, StreamRecord } from './record.ts'

/** Statement that no record with a lower timestamp is expected; +Infinity: the input has ended. */
export interface Watermark {
  readonly kind: 'watermark'
  /** Event time, ms since the epoch. */
  readonly timestamp: number
}

/** Statement that this input is silent and holds back no watermark until its next record. */
export interface Idle {
  readonly kind: 'idle'
}

/** State of one operator at a barrier. */
export interface OperatorState {
  /** Id of the operator. */
  readonly operator: OperatorId
  /** Small state, returned in `Restore.states`. */
  readonly state: Json
  /** Keyed state, of which only changes are written. */
  readonly entries?: StateEntries
}

/** Part of a snapshot that holds an operator's changed keyed state. */
export interface StateEntries {
  /** Oldest checkpoint whose entries are needed, too; Infinity: there is no state. */
  readonly since: CheckpointId
  /**
   * Iterates over the entries in blocks, each made on demand so that others get their turn. Read it
   * to the end, once.
   */
  blocks(): Iterable<EntryBlock>
}

/** Entries of one table and version. A block may be empty: making it has only taken time. */
export interface EntryBlock {
  /** Name of the table. */
  readonly table: string
  /** Version of the values. */
  readonly version: number
  /** Encoded entries. */
  readonly bytes: Uint8Array
}

/**
 * Element between the records of checkpoint n and those of n + 1; it gathers the snapshot on its
 * way.
 *
 * Source: Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows" (2015).
 */
export interface Barrier {
  readonly kind: 'barrier'
  /** Number of the checkpoint that it ends. */
  readonly checkpoint: CheckpointId
  /** Position of each source that it has passed. */
  readonly positions: readonly SourcePosition[]
  /** State of each operator that it has passed. */
  readonly states: readonly OperatorState[]
}

/** First element of an attempt: hands out the states of the resumed checkpoint, and services. */
export interface Restore {
  readonly kind: 'restore'
  /** Checkpoint that the attempt resumes; 0: none. */
  readonly checkpoint: CheckpointId
  /** State by operator id. */
  readonly states: ReadonlyMap<OperatorId, Json>
  /** Services of the attempt. */
  readonly services: Services
  /** Slots of the keys of the stream. Default: its keys have none. */
  readonly keySlots?: FindKeySlots | undefined
}

/** Element of a pipeline: a record, or control that flows in order with the records. */
export type StreamElement<T, K = unknown> = StreamRecord<T, K> | Watermark | Idle | Barrier | Restore

/** Makes a watermark; `timestamp` is ms since the epoch. */
export function watermark(timestamp: number): Watermark {
  return { kind: 'watermark', timestamp }
}

/** The Idle element; there is only one. */
export const idle: Idle = { kind: 'idle' }

/** Makes a barrier. */
export function barrier(
  checkpoint: CheckpointId,
  positions: readonly SourcePosition[] = [],
  states: readonly OperatorState[] = [],
): Barrier {
  return { kind: 'barrier', checkpoint, positions, states }
}

/** Copies a barrier with the state of one operator added. */
export function withState(passing: Barrier, operator: OperatorId, state: Json): Barrier {
  return withOperatorState(passing, { operator, state })
}

/** Copies a barrier with the state of one operator added, keyed state included. */
export function withOperatorState(passing: Barrier, state: OperatorState): Barrier {
  const { checkpoint, positions, states } = passing
  return { kind: 'barrier', checkpoint, positions, states: [...states, state] }
}

/** Makes the first element of an attempt. */
export function restore(
  checkpoint: CheckpointId,
  states: ReadonlyMap<OperatorId, Json>,
  services: Services,
  keySlots?: FindKeySlots,
): Restore {
  return { kind: 'restore', checkpoint, states, services, keySlots }
}

/** Copies a Restore for a stream with other keys. */
export function withKeySlots({ checkpoint, states, services }: Restore, keySlots: FindKeySlots): Restore {
  return { kind: 'restore', checkpoint, states, services, keySlots }
}
