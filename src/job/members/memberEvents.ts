import type { RxweftError } from '../../errors.ts'
import type { CheckpointId } from '../../record.ts'

/** Event of a job that runs in several processes. Durations are in ms. */
export type MemberEvent =
  | {
      /**
       * Another process of the job has appeared ('member-joined'); is about to hand its shards over
       * and leave ('member-leaving'); or is gone without that ('member-lost').
       */
      readonly type: 'member-joined' | 'member-leaving' | 'member-lost'
      /** Random id of that start of the process. */
      readonly member: string
      /** Name of the process. */
      readonly instance: string
    }
  | {
      /**
       * The consumer group of the members does not answer, or has removed this process. The process
       * keeps its shards, and joins again.
       */
      readonly type: 'group-lost'
      /** Reason. */
      readonly error: Error
    }
  | {
      /**
       * What members say of themselves could not be written, or heard, for five seconds. Shards go
       * on, and no shard moves to this process or away from it meanwhile.
       */
      readonly type: 'member-unheard'
      /** Reason, such as a missing right. */
      readonly error: Error
    }
  | {
      /**
       * The plan could not be read, or the next one written, for five seconds. Shards go on, and
       * none moves meanwhile.
       */
      readonly type: 'plan-lost'
      /** Reason, such as a missing right. */
      readonly error: Error
    }
  | {
      /** A new plan says who runs what. */
      readonly type: 'plan'
      /** Number of the plan. */
      readonly plan: number
      /** Shards that it gives to this process. */
      readonly shards: readonly number[]
      /** Number of processes in it. */
      readonly members: number
    }
  | {
      /** This process opens everything that a shard needs, before it takes the shard over. */
      readonly type: 'shard-warming'
      /** Number of the plan that gives it the shard. */
      readonly plan: number
    }
  | {
      /** Everything is open: the shard is taken over as soon as its owner has released it. */
      readonly type: 'shard-ready'
      /** Number of the plan that gives the shard to this process. */
      readonly plan: number
      /** Time that opening took, ms. */
      readonly duration: number
    }
  | {
      /** This process has handed a shard over: its last checkpoint here is committed. */
      readonly type: 'shard-released'
      /** Last checkpoint. */
      readonly checkpoint: CheckpointId
      /** Time from the decision to release it, ms. */
      readonly duration: number
    }
  | {
      /** This process has taken a shard over, and has restored its state. */
      readonly type: 'shard-taken-over'
      /** Checkpoint that it resumes. */
      readonly checkpoint: CheckpointId
      /** Time from the decision to take it over, ms. */
      readonly duration: number
    }
  | {
      /**
       * A shard has failed for good on a member, and is run nowhere until that member is gone: a
       * restarted process tries it again.
       */
      readonly type: 'shard-failed'
      /** Random id of the member's start. */
      readonly member: string
      /** Reason. */
      readonly error: RxweftError
    }
  | {
      /**
       * A shard commits nothing although its member is alive. It is moved to another member once;
       * if this event comes again, that has not helped.
       */
      readonly type: 'shard-stuck'
      /** Random id of the member's start. */
      readonly member: string
      /** Time since its last checkpoint, ms. */
      readonly duration: number
      /** Whether it is moved. */
      readonly moved: boolean
    }
