/**
 * The ledger decides checkpoints. A checkpoint exists exactly if a committed entry names it; until
 * then its snapshot and the prepared output of sinks are garbage. Each shard has one current entry,
 * which replaces the one before.
 */
import type { Resource } from '../attempt.ts'
import type { LedgerEntry } from './ledgerEntry.ts'
import type { PlanContext, PlanStore } from './plan.ts'
import type { CheckpointStorage } from './storage.ts'

export type { LedgerEntry, SnapshotRef } from './ledgerEntry.ts'

/**
 * Store of the decisions about checkpoints.
 *
 * @experimental The ledger contract may change in any release.
 */
export interface Ledger extends Resource<LedgerSession> {
  /** Place of the entries for messages, such as "topic rxweft-uppercase-ledger". */
  readonly place: string
  /** Prefix of the names of the job's topics and ids, shared by its members. Default 'rxweft'. */
  readonly prefix?: string | undefined
  /** Opens the store of the job's plan. Default: none, so the job cannot be spread over shards. */
  plans?(context: PlanContext): Promise<PlanStore>
}

/**
 * Access of one attempt of one shard to the ledger.
 *
 * @experimental The ledger contract may change in any release.
 */
export interface LedgerSession {
  /**
   * Reads the current entry without disturbing other sessions. Advisory: a transaction may be about
   * to replace the entry.
   */
  read(): Promise<LedgerEntry | null>
  /**
   * Ends the open transactions of all other sessions of this shard, makes sure that they cannot
   * commit any more, and then reads the current entry.
   *
   * The result is the whole past, unless a deposed broker answered that does not know it is
   * deposed; `commit` detects that. Always fence before reading. Rejects with Retriable
   * LEDGER_READ_STALE if an earlier `read` of this session returned such an old entry.
   */
  fence(): Promise<LedgerEntry | null>
  /**
   * Writes `entry` in the commit of its sinks' transaction: the only decision there is. Resolves
   * only on a definite OK.
   *
   * Rejects with Fenced or Retriable; the session is then unusable, and only a new `fence` tells
   * what happened. After Retriable LEDGER_READ_STALE nothing was decided: the preceding `fence`
   * missed a part of the past.
   *
   * @param takeover the entry only changes the owner, or is genesis, and decides no records
   * @param deciding called when only the decision is left: from then on the entry may count, even
   *   if this call rejects
   */
  commit(entry: LedgerEntry, takeover: boolean, deciding?: () => void): Promise<void>
  /**
   * Store of snapshots in the ledger: what it stores is decided, or aborted, with the entry of its
   * checkpoint. Default: the ledger keeps none.
   */
  readonly snapshots?: CheckpointStorage | undefined
  /** Releases the session. */
  close(): Promise<void>
}
