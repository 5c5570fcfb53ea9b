/**
 * Where snapshots live. Keys are written once and never changed: `job/shard/chk-000000000012-<attempt>`. Nothing in here decides
 * anything; see ledger.ts.
 */
import { Buffer } from 'node:buffer'

/**
 * Keeps the snapshots of jobs under write-once keys. `fileStorage` and `memoryStorage` are two of them.
 *
 * @experimental the storage contract may change in any release; using a storage of rxweft is stable
 */
export interface CheckpointStorage {
  /** For messages: "folder /var/lib/app/checkpoints". */
  readonly place: string
  /** What one thread stores others do not see, so that a job which is kept here cannot be spread over shards. */
  readonly local?: boolean | undefined
  /**
   * Asked at each start, before anything is written anywhere: rejects where `put` could not work, as far as that can be told.
   *
   * @returns warnings, each a sentence: told as event `storage-warning`
   */
  ready?(): Promise<readonly string[]> | Promise<void>
  /**
   * Stores the bytes durably: once it resolves they survive a power cut. Rejects with Fatal code KEY_EXISTS, and changes nothing,
   * where the key is taken; of two that race for one key exactly one wins. Retriable on I/O errors (disk full, EIO).
   */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** The bytes, or null where the key is not there. */
  get(key: string): Promise<Uint8Array | null>
  /** As `put`, of bytes that come in pieces and may be more than memory holds. Rejects, and stores nothing, where the pieces throw. Default: joined, and put. */
  write?(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** As `get`, in pieces, that may throw what `get` rejects with. Default: what `get` has. */
  read?(key: string): Promise<AsyncIterable<Uint8Array> | null>
  /** The keys that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** Removes the key; no error where it is gone already. */
  remove(key: string): Promise<void>
}

export async function writeChunks(
  storage: CheckpointStorage,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (storage.write !== undefined) return storage.write(key, chunks)
  const pieces: Uint8Array[] = []
  for await (const piece of chunks) pieces.push(piece)
  await storage.put(key, Buffer.concat(pieces))
}

export async function readChunks(
  storage: CheckpointStorage,
  key: string,
): Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array> | null> {
  if (storage.read !== undefined) return storage.read(key)
  const bytes = await storage.get(key)
  return bytes === null ? null : [bytes]
}
