/** What an attempt, one run of a job between two failures, offers to its operators, sources, sinks and ledger. */

import type { BarrierWatch, Credits } from './backPressure.ts'
import type { Notice } from './notice.ts'
import type { CheckpointId, OperatorId, StreamRecord } from './record.ts'

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
