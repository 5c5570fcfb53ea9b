/**
 * What flows through a pipeline. Records carry the data; the other four are in-band control, so that operators need no side
 * channel and marble tests can show everything that happens:
 *
 *   R--a--b--1--c--W--2--|      R restore, a b c records, 1 2 barriers, W watermark
 *
 * Every element has one constructor with explicit fields: spreading a record costs ten times as much (DESIGN.md).
 */

import type { Services } from './attempt.ts'
import type { CheckpointId, Json, OperatorId, SourcePosition, StreamRecord } from './record.ts'

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
