/**
 * Membership of a job that runs in several processes: who is alive, and what each member says about
 * its shards. It decides nothing: the plan decides who runs what (plan.ts), the ledger what counts.
 */
import type { AttemptContext } from '../attempt.ts'
import type { CheckpointId } from '../record.ts'

/**
 * Way in which the processes of a job find each other, made by `kafkaMembers` or `fixedMembers`.
 *
 * @experimental The members contract may change in any release.
 */
export interface Members {
  /** Name of this process that survives its restarts, such as a host name. */
  readonly instance: string
  /** Failure zone of this process; null if unknown. */
  readonly zone: string | null
  /**
   * Place of this process in a fixed set of processes: it runs the shards k with k % of = index.
   * Null if the shards are placed on whoever is alive.
   */
  readonly fixed: {
    /** Number of this process, from 0. */
    readonly index: number
    /** Number of processes. */
    readonly of: number
  } | null
  /** Joins the other processes. */
  open(context: MembersContext): Promise<Membership>
}

/** What one start of a process offers to its membership. */
export interface MembersContext extends Pick<AttemptContext, 'clock' | 'signal' | 'job'> {
  /** Prefix of the job's topics and ids. */
  readonly prefix: string
  /** Incarnation: a random id of this start of the process. */
  readonly member: string
  /** Number of its threads, by which shards are distributed. */
  readonly threads: number
  /** Called after each change of the membership, and when there may be a newer plan. */
  readonly changed: (what: 'members' | 'plan') => void
  /** Called when the group is lost, with the reason, and with null when it has been rejoined. */
  readonly lost: (reason: Error | null) => void
  /**
   * Called with the reason when what members say of themselves cannot be written, or heard, for
   * some seconds, and with null when it can.
   */
  readonly unheard: (reason: Error | null) => void
}

/** Membership of one start of a process. */
export interface Membership {
  /** Members alive as last heard, this one included; null until the first round has ended. */
  readonly alive: readonly AliveMember[] | null
  /**
   * True if this member is the one that plans at the moment, and its knowledge is fresh. Two
   * members may believe so at once: the plan itself has one writer at a time.
   */
  readonly leads: boolean
  /** Newest record of each member, this one included. Members that have left have none. */
  readonly records: ReadonlyMap<string, HeardRecord>
  /** Id by which others can evict this member; null if there is none at the moment. */
  readonly groupMember: string | null
  /** Publishes this member's record soon, and again each few seconds. */
  say(record: SaidRecord): void
  /** Removes dead members from the group, by their `groupMember`. Best effort. */
  evict(groupMembers: readonly string[]): Promise<void>
  /** Withdraws the record, then leaves the group. Never rejects. */
  leave(): Promise<void>
  /** Ends everything at once, as a crash would. */
  close(): Promise<void>
}

/** A process that is alive. */
export interface AliveMember {
  /** Incarnation. */
  readonly member: string
  readonly instance: string
  readonly zone: string | null
  readonly threads: number
  /** Id in the group; null without one. */
  readonly groupMember: string | null
}

/** State of a shard on a member. */
export type ShardDoing = 'warming' | 'ready' | 'running' | 'releasing' | 'finished' | 'failed'

export interface ShardReport {
  readonly doing: ShardDoing
  /** Last committed checkpoint. */
  readonly checkpoint: CheckpointId
  /** Number of the plan under which the shard runs, or waits to run. */
  readonly plan: number
  /** True if nothing has passed since the last checkpoint, so that none is due. */
  readonly idle?: boolean
  /** Code and message of the error that stopped the shard, if it has failed. */
  readonly error?: { readonly code: string; readonly message: string }
}

/** What a member says about itself. */
export interface SaidRecord {
  /**
   * 'leaving': its shards are to be given to others. 'stopping': the whole job is to stop.
   */
  readonly state: 'running' | 'leaving' | 'stopping'
  /** Number of the newest plan that it knows; 0: none. */
  readonly plan: number
  /** Shards that it runs, or waits to run; the others it does not touch. */
  readonly shards: Readonly<Record<number, ShardReport>>
}

export interface MemberRecord extends SaidRecord {
  readonly member: string
  readonly instance: string
  readonly zone: string | null
  readonly threads: number
  readonly host: string
  readonly pid: number
}

/** A record as this process has heard it. */
export interface HeardRecord extends MemberRecord {
  /** Time of the last record, by this process's monotonic clock, ms. */
  readonly heard: number
  /** False if it was written before this process began to listen: its member may be dead. */
  readonly live: boolean
}
