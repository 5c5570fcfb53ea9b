/**
 * Where snapshots live. Keys are written once and never changed: `job/shard/chk-000000000012-<attempt>`. Nothing in here decides
 * anything; see ledger.ts.
 */
export interface CheckpointStorage {
  /** For messages: "folder /var/lib/app/checkpoints". */
  readonly place: string
  /** Asked at each start, before anything is written anywhere: rejects where `put` could not work, as far as that can be told. */
  ready?(): Promise<void>
  /**
   * Stores the bytes durably: once it resolves they survive a power cut. Rejects with Fatal code KEY_EXISTS, and changes nothing,
   * where the key is taken; of two that race for one key exactly one wins. Retriable on I/O errors (disk full, EIO).
   */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** The bytes, or null where the key is not there. */
  get(key: string): Promise<Uint8Array | null>
  /** The keys that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** Removes the key; no error where it is gone already. */
  remove(key: string): Promise<void>
}
