/**
 * Services that an attempt, one run of a job between two failures, offers to its operators,
 * sources, sinks and ledger.
 */
import type { BarrierWatch, Credits } from './backPressure.ts'
import type { Meter, Meters } from './meter.ts'
import type { Notice } from './notice.ts'
import type { CheckpointId, OperatorId, StreamRecord } from './record.ts'

/** Source of time that tests can control. All values are ms. */
export interface Clock {
  /**
   * Time of day, ms since the epoch. For timestamps only: people and NTP set it forward and back.
   */
  now(): number
  /**
   * Time since a fixed moment, ms; it only rises. For every duration: deadlines, pauses, delays.
   */
  monotonic(): number
  /** Calls back after `delay` ms; returns a timer for `clearTimeout`. */
  setTimeout(callback: () => void, delay: number): unknown
  /** Cancels a timer. */
  clearTimeout(timer: unknown): void
}

/**
 * Part that an attempt opens before its first element; operators then get the opened `W` from
 * `services.opened`.
 */
export interface Resource<W> {
  /** Opens the part for one attempt. */
  open(attempt: AttemptContext): Promise<W>
}

/** Policy for records that cannot be processed: end the job, or count or keep them and continue. */
export type OnError = 'fail' | 'skip' | 'dead-letter'

/** Record that could not be processed. */
export interface BadRecord {
  /** Record as it was before processing. */
  readonly record: StreamRecord<unknown>
  /** Id of the operator, source or sink that failed. */
  readonly operator: OperatorId
  /** Checkpoint to which the record belongs: n + 1 if it came after barrier n. */
  readonly checkpoint: CheckpointId
  /**
   * Reason. If `badRecord` is false, the record is not at fault and the attempt ends, whatever the
   * policy.
   */
  readonly error: Error & {
    /** Stable code, such as DECODE_FAILED. */
    readonly code: string
    /** Whether the record is at fault. */
    readonly badRecord: boolean
    /**
     * Place; `lastOffset` is set if a whole record batch is at fault, from the record's offset on.
     */
    readonly where?: { readonly lastOffset?: number }
  }
}

/** Destination of bad records. */
export interface BadRecords {
  /**
   * Policy of an operator: its own, otherwise the job's.
   *
   * @throws NO_DEAD_LETTER_SINK if the policy needs a sink that the job lacks
   * @throws BAD_OPTION if the policy is unknown
   */
  policy(operator: OperatorId, own: OnError | undefined): OnError
  /**
   * Handles a bad record. Returns null to continue without it, otherwise the error with which the
   * attempt must end. Never throws.
   */
  take(bad: BadRecord, policy: OnError): Error | null
  /**
   * Counts a record that an operator dropped because it was late, so that none vanishes silently.
   */
  late(operator: OperatorId, checkpoint: CheckpointId): void
  /**
   * Tells that an output has passed this barrier and will refuse no record before it. Called once
   * for each output and barrier.
   */
  passed(checkpoint: CheckpointId): void
}

/** Services of the runner for the operators of a pipeline, handed out by `Restore`. */
export interface Services {
  /** Destination of records that cannot be processed. */
  readonly badRecords: BadRecords
  /** Clock of the job. */
  readonly clock: Clock
  /** Records in flight, by which sources wait for sinks. */
  readonly credits: Credits
  /** Register of operators that hold a barrier. */
  readonly barriers: BarrierWatch
  /**
   * Alignment where streams merge: 'exactly-once' aligns barriers, 'at-least-once' does not wait.
   */
  readonly mode: CheckpointMode
  /**
   * Whether state is encoded when it is set, not only at barriers: after an attempt that ended
   * because of a value that does not encode. Default false.
   */
  readonly provesState?: boolean | undefined
  /**
   * Tells whether this shard reads only a part of a source, without the job saying so. Default: no.
   */
  readonly readsInPart?: ((source: OperatorId) => boolean) | undefined
  /** Ends the attempt with this error. Default: only the stream carries it. */
  readonly fail?: ((error: unknown) => void) | undefined
  /** Counts of the parts of this shard, for metrics. Default: nothing is counted. */
  readonly meters?: Meters | undefined
  /** Returns what the attempt opened for this resource. Throws if it opened nothing. */
  opened<W>(resource: Resource<W>): W
}

/** Consistency of checkpoints: 'at-least-once' does not align barriers where streams merge. */
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

/** Callback that sees each step of the checkpoint protocol, for tests. */
export type Probe = (step: ProtocolStep, checkpoint: CheckpointId) => void

/**
 * Services of an attempt for sources, sinks and ledgers. An attempt is one run of a job between two
 * failures.
 */
export interface AttemptContext extends Services {
  /** Name of the job. */
  readonly job: string
  /**
   * Number of the shard: a fixed set of partitions with its own state, ledger key and transactional
   * ids.
   */
  readonly shard: number
  /** Number of shards; 1: the job is not spread. */
  readonly shards: number
  /** Shard of each slot; partition p of a topic has slot p % slots.length. */
  readonly slots: readonly number[]
  /** Whether a plan says who runs the shard, beside the ledger. */
  readonly planned: boolean
  /** For a source: true if each shard reads all of its splits. Default false. */
  readonly everywhere?: boolean | undefined
  /**
   * For a source or sink that the attempt opens: its counts. Records are counted already; a
   * connector adds the bytes. Default: nothing is counted.
   */
  readonly meter?: Meter | undefined
  /** Random id of the call of `execute`; stays the same over restarts. */
  readonly execution: string
  /** Random id of the attempt, fit for file names. */
  readonly attempt: string
  /** Operators whose state may be dropped; true: any operator. See JobOptions. */
  readonly allowDroppedState: readonly OperatorId[] | boolean
  /** Aborted when the attempt ends. */
  readonly signal: AbortSignal
  /**
   * Longest time that a transaction may have to stay open, ms: checkpoint interval (or pause, if
   * longer) plus checkpoint timeout.
   */
  readonly longestTransaction: number
  /** Ends the attempt, for failures outside any call of the runner. The first one counts. */
  fail(error: unknown): void
  /** Emits an event of the job. */
  tell(notice: Notice): void
  /** Reports a step of the checkpoint protocol. */
  readonly probe: Probe
  /**
   * Returns the attempt's object for this key, made by the first caller; its `close`, if any, is
   * called at the end of the attempt.
   */
  share<T>(key: object, create: () => T): T
}
