/**
 * The ledger: where a checkpoint is decided. A checkpoint exists exactly when a committed entry names it; its snapshot file,
 * and whatever sinks prepared, are garbage until then. Each shard has one current entry, which replaces the one before.
 */
import type { Resource } from '../attempt.ts'
import type { CheckpointId, Json, OperatorId, SourcePosition } from '../record.ts'

/**
 * Names a stored snapshot: its write-once key, and the hash of its bytes.
 *
 * @experimental part of the ledger contract, which may change in any release
 */
export interface SnapshotRef {
  readonly key: string
  readonly sha256: string
  readonly bytes: number
}

/**
 * One decided checkpoint of one shard: everything that an attempt resumes from. Plain JSON.
 *
 * @experimental part of the ledger contract, which may change in any release
 */
export interface LedgerEntry {
  /** Made at genesis and never changed: tells this job's history from that of another one with the same name. */
  readonly lineage: string
  readonly checkpoint: CheckpointId
  /** The execution that may write the next entry. */
  readonly owner: string
  /** null at genesis: no state yet. */
  readonly snapshot: SnapshotRef | null
  readonly positions: readonly SourcePosition[]
  /** How many shards the job has: decided with its first entry, and never changed. Left out: 1. */
  readonly shards?: number
  /** By sink id: what must be rolled forward. Sinks that write into the deciding transaction have none. */
  readonly handles: Readonly<Record<OperatorId, Json>>
}

/**
 * A place in which checkpoints are decided. A sink names its ledger where the decision can be written into the same transaction as the
 * sink's records; jobs without such a sink keep the ledger in their checkpoint storage.
 *
 * @experimental the ledger contract may change in any release
 */
export interface Ledger extends Resource<LedgerSession> {
  /** For messages: where the entries are, e.g. "topic rxweft-uppercase-ledger". */
  readonly place: string
}

/**
 * What one attempt does with the ledger of its shard: fence, read, then decide one checkpoint after the other.
 *
 * @experimental the ledger contract may change in any release
 */
export interface LedgerSession {
  /** The current entry, without disturbing anybody. Advisory: a transaction may be about to replace it. */
  read(): Promise<LedgerEntry | null>
  /** As `read`, of shard 0, whose entry tells whose the job is and how many shards it has. Asked by the other shards. */
  readFirst(): Promise<LedgerEntry | null>
  /**
   * Ends, at once, whatever other sessions of this shard have open, makes sure they can commit nothing any more, and then reads.
   * What it returns is therefore the whole past, unless a broker has answered that was deposed and does not know it: `commit` finds
   * out. Fence before read, always. Rejects with Retriable LEDGER_READ_STALE where what `read` has returned before was that old.
   */
  fence(): Promise<LedgerEntry | null>
  /**
   * Writes `entry` as its sinks' transaction commits: the only decision there is. Resolves only on a definite OK.
   * `takeover`: the entry only changes the owner (or is genesis) and decides no records.
   * Rejects with Fenced or Retriable; after that the session is dead, and only a new `fence` tells what happened. With Retriable
   * LEDGER_READ_STALE nothing was decided: the `fence` before it has not seen the whole past.
   *
   * @param deciding called when nothing but the decision is left to be done: from then on the entry may count, even if this rejects
   */
  commit(entry: LedgerEntry, takeover: boolean, deciding?: () => void): Promise<void>
  close(): Promise<void>
}
