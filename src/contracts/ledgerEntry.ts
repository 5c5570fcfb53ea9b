import type { CheckpointId, Json, OperatorId, SourcePosition } from '../record.ts'

/**
 * Reference to a stored snapshot.
 *
 * @experimental The ledger contract may change in any release.
 */
export interface SnapshotRef {
  /** Key in the checkpoint storage, or among the snapshots in the entry; written once. */
  readonly key: string
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string
  /** Size, bytes. */
  readonly bytes: number
}

/**
 * Decision about one checkpoint of one shard.
 *
 * @experimental The ledger contract may change in any release.
 */
export interface LedgerEntry {
  /**
   * Random id made at the first start and never changed: tells this history of the job from that of
   * another job with the same name.
   */
  readonly lineage: string
  /** Checkpoint that the entry decides. */
  readonly checkpoint: CheckpointId
  /** Execution that may write the next entry. */
  readonly owner: string
  /** Snapshot of the state; null if there is none, as at genesis. */
  readonly snapshot: SnapshotRef | null
  /**
   * Small snapshots that the entry itself holds instead of the storage, base64 by key: the one
   * above, and those that it builds on. Default: none.
   */
  readonly inline?: Readonly<Record<string, string>> | undefined
  /**
   * Snapshots that the ledger keeps as records beside the entry: offsets by key, the last one
   * exclusive. Default: none.
   */
  readonly records?: Readonly<Record<string, readonly [from: number, to: number]>> | undefined
  /** Position of each source at the checkpoint. */
  readonly positions: readonly SourcePosition[]
  /**
   * Number of shards of a job without a plan; 1 if left out. Only entries of format version 1 have
   * it: since then, the plan decides.
   */
  readonly shards?: number | undefined
  /**
   * Number of the plan under which the owner has taken over. A job without a plan counts its owners
   * here. 0 if left out.
   */
  readonly plan?: number | undefined
  /** Slots of the shard, such as "0-15,64" or "1-253/4". Left out by a job without a plan. */
  readonly slots?: string | undefined
  /** Names of the resets of sources that the job has carried out. Default: none. */
  readonly resets?: readonly string[] | undefined
  /** Number of the plan under which the owner has let the shard go. Default: it has not. */
  readonly released?: number | undefined
  /**
   * Prepared output to roll forward, by sink id. A sink that writes into the deciding transaction
   * has no handle.
   */
  readonly handles: Readonly<Record<OperatorId, Json>>
}

/** Whether the owner of a shard has let it go, under the plan that the entry names. */
export function isReleased({ plan, released }: Pick<LedgerEntry, 'plan' | 'released'>): boolean {
  return released !== undefined && released === plan
}
