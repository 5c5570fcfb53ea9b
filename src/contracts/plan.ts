/**
 * The plan of a job: which shard reads which slots, and which member runs which shard. A job that
 * one process runs in one shard has no plan.
 *
 *   plan 1 ---- plan 2 ---- plan 3        each replaces the one before, by compare-and-set
 *     |           |
 *   entries     entries signed under it   a shard is taken over under a newer plan only
 */
import type { AttemptContext } from '../attempt.ts'
import { RetriableError, RxweftError } from '../errors.ts'
import type { LedgerEntry } from './ledgerEntry.ts'
import type { CheckpointStorage } from './storage.ts'

/**
 * Member of a job, as its plan names it.
 *
 * @experimental The plan may change in any release.
 */
export interface PlanMember {
  /** Name of the process, the same after a restart. */
  readonly instance: string
  /** Its id in the group of the members; null if it is in none. */
  readonly groupMember: string | null
  /** Availability zone. Default: unknown. */
  readonly zone?: string | undefined
}

/**
 * Plan of a job: who runs what.
 *
 * @experimental The plan may change in any release.
 */
export interface Plan {
  /** Number of the plan, one higher than that of the plan before; never repeated. */
  readonly number: number
  /** Lineage of the job. */
  readonly lineage: string
  /**
   * Shard of each slot. Partition p of a topic has slot p % slots.length; the length is decided by
   * the first plan and never changes.
   */
  readonly slots: readonly number[]
  /** Member that runs each shard, by its incarnation; null if none may. */
  readonly owners: readonly (string | null)[]
  /** Members by incarnation: the random id of one start of a process. */
  readonly members: Readonly<Record<string, PlanMember>>
  /** Move of slots that is under way. Its shards have no owner meanwhile. Default: none. */
  readonly moving?: SlotMove | undefined
  /** How the last move of slots has ended. Default: there was none. */
  readonly moved?: EndedMove | undefined
  /** Number of the plan by which each shard got its slots. Default: the first plan. */
  readonly since?: readonly number[] | undefined
}

/**
 * Move of slots, decided by one plan and carried out under a later one.
 *
 * @experimental The plan may change in any release.
 */
export interface SlotMove {
  /** Number of the plan that began it. */
  readonly request: number
  /** Shard of each slot after it. */
  readonly slots: readonly number[]
  /** Number of shards after it. */
  readonly shards: number
  /** Members that ran the shards before it. */
  readonly owners: readonly (string | null)[]
}

/**
 * End of a move of slots.
 *
 * @experimental The plan may change in any release.
 */
export interface EndedMove {
  /** Number of the plan that began it. */
  readonly request: number
  /** Error that refused the move; undefined if the slots have moved. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/**
 * Ledger entries decided together with a plan.
 *
 * @experimental The plan may change in any release.
 */
export interface PlannedEntries {
  /** Shards whose entries are replaced. */
  readonly shards: readonly number[]
  /**
   * Makes the new entries from the current ones, which nobody can replace any more: the sessions of
   * these shards are fenced. Throws to refuse the plan; nothing is written then.
   */
  replace(standing: ReadonlyMap<number, LedgerEntry | null>): ReadonlyMap<number, LedgerEntry>
}

/** Services of the runner for a plan store. */
export type PlanContext = Pick<AttemptContext, 'job' | 'clock' | 'signal' | 'tell'>

/**
 * Store of a job's plan, part of its ledger.
 *
 * @experimental The plan may change in any release.
 */
export interface PlanStore {
  /** Place of the plan for messages, such as "topic rxweft-uppercase-plan". */
  readonly place: string
  /** Reads the newest plan; null if there is none. Advisory: it may be out of date. */
  read(): Promise<Plan | null>
  /** Reads the current ledger entry of a shard. Advisory, as `read`. */
  entry(shard: number): Promise<LedgerEntry | null>
  /**
   * As `entry`, for a member that waits for the next entry and asks often: cheaper, and older by up
   * to some seconds if a broker is out of date. Default: `entry`.
   */
  glimpse?(shard: number): Promise<LedgerEntry | null>
  /**
   * Replaces plan `next.number - 1`, and the given entries in the same commit; plan 1 is the first.
   * Resolves only on a definite OK.
   *
   * Rejects with Retriable PLAN_CHANGED if another plan is the current one; with Retriable
   * LEDGER_READ_STALE if a deposed broker has hidden it; with Fenced if another writer came in
   * between. After any other rejection the plan may have been written: read it again.
   *
   * @param deciding called when only the decision is left: from then on the plan may count, even if
   *   this call rejects
   */
  write(next: Plan, entries?: PlannedEntries, deciding?: () => void): Promise<void>
  /**
   * Store of the snapshots of a shard in the ledger. Default: the ledger keeps none.
   *
   * @param of the shard, and the number of shards that the job will have
   * @param entry its current entry, which says where they lie
   */
  snapshots?(of: { readonly shard: number; readonly shards: number }, entry: LedgerEntry | null): CheckpointStorage
  /**
   * Names of the plan's members that are alive, as far as others can see. Default: nobody can.
   *
   * @param plan newest plan
   */
  living?(plan: Plan): Promise<readonly string[]>
  /** Releases the store. */
  close(): Promise<void>
}

/** Another writer was there first. @param current the plan that was found */
export function planChanged(current: Plan | null, next: Plan): RetriableError {
  const found = current === null ? 'none is there' : `plan ${current.number} is the current one`
  return new RetriableError('PLAN_CHANGED', `plan ${next.number} cannot be written: ${found}`, {
    hint: 'Another member has written a plan in the meantime; the next attempt reads it',
  })
}

/** Whether a plan was not written since somebody else has written one: a member, or a mover. */
export function isOvertaken(thrown: unknown): boolean {
  return thrown instanceof RxweftError && (thrown.code === 'PLAN_CHANGED' || thrown.consequence === 'fenced')
}
