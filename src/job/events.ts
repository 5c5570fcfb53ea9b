/** What a running job tells: `handle.events$`. Durations in ms, sizes in bytes. */
import type { BadRecord } from '../attempt.ts'
import type { HeldBarrier } from '../backPressure.ts'
import type { RxweftError } from '../errors.ts'
import type { Notice } from '../notice.ts'
import type { CheckpointId, OperatorId } from '../record.ts'

export type JobEvent = Told & {
  /** Of which shard, where the job has several; the end of a job is told once, and of none. */
  readonly shard?: number
}

type Told =
  | Notice
  | { readonly type: 'started'; readonly attempt: string }
  /** The attempt resumes this checkpoint; 0: from the start offsets. */
  | { readonly type: 'restored'; readonly checkpoint: CheckpointId }
  | { readonly type: 'checkpoint-triggered'; readonly checkpoint: CheckpointId; readonly final: boolean }
  | { readonly type: 'checkpoint-stored'; readonly checkpoint: CheckpointId; readonly bytes: number }
  | { readonly type: 'checkpoint-committed'; readonly checkpoint: CheckpointId; readonly duration: number }
  /**
   * Half of the time that a checkpoint may take has passed, and it is not committed. `holding`: the operators that have not passed
   * its barrier on, and why; none where it is being stored or committed. Durations in ms.
   */
  | {
      readonly type: 'checkpoint-slow'
      readonly checkpoint: CheckpointId
      readonly elapsed: number
      readonly timeout: number
      readonly holding: readonly HeldBarrier[]
    }
  /** A checkpoint could not be completed; its attempt ends with the same error. */
  | { readonly type: 'checkpoint-failed'; readonly checkpoint: CheckpointId; readonly error: RxweftError }
  /** Old snapshots, or records that have gone through a topic, could not be removed: harmless for the data, but they take space. */
  | { readonly type: 'cleanup-failed'; readonly error: Error }
  /** How many records of a committed checkpoint the job has gone on without: only counted, or kept as dead letters. Told where there are any. */
  | {
      readonly type: 'bad-records'
      readonly checkpoint: CheckpointId
      readonly skipped: number
      readonly deadLetters: number
    }
  /** The first record of this attempt that the operator has skipped, and why; of the others only their number is told. */
  | { readonly type: 'record-skipped'; readonly operator: OperatorId; readonly error: BadRecord['error'] }
  /** How many records of a committed checkpoint came too late for an operator and went nowhere, by operator. Told where there are any. */
  | {
      readonly type: 'late-records'
      readonly checkpoint: CheckpointId
      readonly operators: Readonly<Record<OperatorId, number>>
    }
  /** An attempt failed; the next one starts after `delay`. */
  | { readonly type: 'restarting'; readonly error: RxweftError; readonly delay: number }
  /** The job has ended. `failed` carries the error that `done` rejects with. */
  | { readonly type: 'stopped' | 'finished' | 'cancelled'; readonly checkpoint: CheckpointId }
  | { readonly type: 'failed'; readonly error: RxweftError }
