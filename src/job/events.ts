import type { BadRecord } from '../attempt.ts'
import type { HeldBarrier } from '../backPressure.ts'
import type { RxweftError } from '../errors.ts'
import type { CheckpointPhases } from '../metrics/channels.ts'
import type { Notice } from '../notice.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import type { MemberEvent } from './members/memberEvents.ts'

/** Event of a running job, emitted by `handle.events$`. Durations are in ms, sizes in bytes. */
export type JobEvent = Told & {
  /** Shard that emits it, if there are several; the job's end is emitted once, without a shard. */
  readonly shard?: number
}

type Told =
  | Notice
  | MemberEvent
  | {
      /** An attempt has started. */
      readonly type: 'started'
      /** Random id of the attempt. */
      readonly attempt: string
    }
  | {
      /** The attempt has restored a checkpoint. */
      readonly type: 'restored'
      /** Checkpoint that it resumes; 0: it begins at the start offsets. */
      readonly checkpoint: CheckpointId
    }
  | {
      /** A barrier has entered the pipeline. */
      readonly type: 'checkpoint-triggered'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Whether it is the last one, before the job ends. */
      readonly final: boolean
    }
  | {
      /** The snapshot is stored; the checkpoint is not decided yet. */
      readonly type: 'checkpoint-stored'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Size of the snapshot, bytes. */
      readonly bytes: number
    }
  | {
      /** The checkpoint is committed: its output is visible, and it survives a crash. */
      readonly type: 'checkpoint-committed'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Time since it was triggered, ms. */
      readonly duration: number
      /** Parts of that time. */
      readonly phases: CheckpointPhases
    }
  | {
      /**
       * Nothing has happened since a checkpoint, so none is taken, except one each minute. Emitted
       * when that begins; `checkpoint-triggered` ends it.
       */
      readonly type: 'idle'
      /** Number of that checkpoint. */
      readonly checkpoint: CheckpointId
    }
  | {
      /** Half of the checkpoint's timeout has passed, and it is not committed. */
      readonly type: 'checkpoint-slow'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Time since it was triggered, ms. */
      readonly elapsed: number
      /** Limit for a checkpoint, ms; see CheckpointSettings. */
      readonly timeout: number
      /**
       * Operators that hold its barrier, with the reason; empty while it is stored or committed.
       */
      readonly holding: readonly HeldBarrier[]
    }
  | {
      /** A checkpoint could not be completed; its attempt ends with the same error. */
      readonly type: 'checkpoint-failed'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Reason. */
      readonly error: RxweftError
    }
  | {
      /**
       * Old snapshots or read records of a repartition topic remain: harmless, but they take space.
       */
      readonly type: 'cleanup-failed'
      /** Reason. */
      readonly error: Error
    }
  | {
      /** Bad records without which the job went on in a committed checkpoint; emitted if any. */
      readonly type: 'bad-records'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Number of records that were only counted. */
      readonly skipped: number
      /** Number of records that were kept as dead letters. */
      readonly deadLetters: number
    }
  | {
      /** First record that an operator has skipped in this attempt; the others are only counted. */
      readonly type: 'record-skipped'
      /** Id of the operator, source or sink. */
      readonly operator: OperatorId
      /** Reason. */
      readonly error: BadRecord['error']
    }
  | {
      /** Late records that were dropped in a committed checkpoint; emitted if any. */
      readonly type: 'late-records'
      /** Number of the checkpoint. */
      readonly checkpoint: CheckpointId
      /** Number of dropped records, by operator. */
      readonly operators: Readonly<Record<OperatorId, number>>
    }
  | {
      /** An attempt has failed; the next one starts after `delay`. */
      readonly type: 'restarting'
      /** Reason. */
      readonly error: RxweftError
      /** Time until the next attempt, ms. */
      readonly delay: number
    }
  | {
      /** The job has ended without an error. */
      readonly type: 'stopped' | 'finished' | 'cancelled' | 'left'
      /** Last committed checkpoint. */
      readonly checkpoint: CheckpointId
    }
  | {
      /** The job has failed; `done` rejects with the same error. */
      readonly type: 'failed'
      /** Reason. */
      readonly error: RxweftError
    }

/** True if the event is the last one of a job, or of a shard's run. */
export function isEnd({ type }: JobEvent): boolean {
  return type === 'stopped' || type === 'finished' || type === 'cancelled' || type === 'left' || type === 'failed'
}
