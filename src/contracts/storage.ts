/**
 * Snapshots are written once, under keys like `job/shard/chk-000000000012-<attempt>`. A stored
 * snapshot decides nothing; the ledger does (ledger.ts).
 */
import { joined } from './chunks.ts'
import type { LedgerEntry } from './ledgerEntry.ts'

/**
 * Store of snapshots: keys are written once and never changed.
 *
 * @experimental The storage contract may change in any release.
 */
export interface CheckpointStorage {
  /** Place for messages, such as "folder /var/lib/app/checkpoints". */
  readonly place: string
  /**
   * Whether other threads cannot see what one thread stores; such a job cannot be spread over
   * shards. Default false.
   */
  readonly local?: boolean | undefined
  /**
   * Whether all machines see what one of them stores, as in a bucket or on a network file system.
   * Default false.
   */
  readonly shared?: boolean | undefined
  /**
   * Whether of several puts of one key exactly one succeeds, on all machines. False: unknown, so it
   * is tried before a ledger is kept there. With Kafka's ledger, nothing depends on it. Default
   * false.
   */
  readonly exclusive?: boolean | undefined
  /**
   * Whether the ledger keeps the snapshots (`LedgerSession.snapshots`): nothing is asked of this
   * object. Default false.
   */
  readonly inLedger?: boolean | undefined
  /**
   * Largest total of snapshots that a ledger entry holds itself, so that they need no `put`, bytes.
   * Default 0: all are stored.
   */
  readonly inline?: number | undefined
  /**
   * Checks at each start, before anything is written, that `put` can work; rejects if it cannot.
   * Default: nothing to check.
   *
   * @returns warnings, one sentence each, emitted as event `storage-warning`
   */
  ready?(): Promise<readonly string[]> | Promise<void>
  /**
   * Stores the bytes durably: they survive a power cut once the promise has resolved.
   *
   * Rejects with Fatal KEY_EXISTS and changes nothing if the key is taken; of two writers that race
   * for a key, exactly one wins. Rejects with Retriable on I/O errors (disk full, EIO).
   */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Returns the bytes, or null if the key does not exist. */
  get(key: string): Promise<Uint8Array | null>
  /**
   * Stores bytes that come in chunks and may exceed memory, as `put`. Rejects and stores nothing if
   * the iteration throws. Default: the chunks are joined and passed to `put`.
   */
  write?(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /**
   * Of a store of snapshots in a ledger: stores as `write` does, but for an entry that another
   * transaction will decide. Resolves with the `records` of that entry, which alone knows where the
   * snapshot lies. Default: there is none, and `write` is called.
   */
  writeApart?(key: string, chunks: AsyncIterable<Uint8Array>): Promise<NonNullable<LedgerEntry['records']>>
  /**
   * Returns the bytes in chunks; the iteration may throw what `get` rejects with. Default: the
   * result of `get`.
   */
  read?(key: string): Promise<AsyncIterable<Uint8Array> | null>
  /** Returns the keys that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** Removes the key. Removing a missing key is not an error. */
  remove(key: string): Promise<void>
}

export async function writeChunks(
  storage: CheckpointStorage,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (storage.write !== undefined) return storage.write(key, chunks)
  const bytes = await joined(chunks)
  await storage.put(key, bytes)
}

export async function readChunks(
  storage: CheckpointStorage,
  key: string,
): Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array> | null> {
  if (storage.read !== undefined) return storage.read(key)
  const bytes = await storage.get(key)
  return bytes === null ? null : [bytes]
}

/** The storage with whatever is read from it passed through a function. */
export function readingThrough(
  storage: CheckpointStorage,
  through: (chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): CheckpointStorage {
  return Object.assign(Object.create(storage) as CheckpointStorage, {
    async read(key: string) {
      const chunks = await readChunks(storage, key)
      return chunks && through(chunks)
    },
  })
}
