import { resolve } from 'node:path'
import { chunksOf, joined } from '../contracts/chunks.ts'
import { type CheckpointStorage, readChunks, writeChunks } from '../contracts/storage.ts'
import { nonEmptyText, numberFrom, required, withMethods } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { type CacheFolder, cacheFolder, type Keeping } from './cacheFolder.ts'
import { parseSnapshotKey } from './names.ts'

/** Options of `cached`. */
export interface CachedOptions {
  /** Largest total of snapshots in the folder, bytes; those used least recently are removed. */
  readonly limit: number
}

/**
 * A storage with a copy of its snapshots on a local disk, so that a start on the same machine reads
 * them from there.
 *
 * ```ts
 * const bucket = s3Storage(client, { bucket: 'flows' })
 * const storage = cached(bucket, '/var/cache/flows', { limit: 20e9 })
 * ```
 *
 * Each snapshot is written to the storage and to the folder, and read from the folder if its
 * checksum is right. A cache that cannot be written or read makes a start slower, and nothing else:
 * it causes the event `storage-warning`. Ledger entries and lineage marks are never cached.
 *
 * @param folder on a local disk; it may be lost at any time, and jobs may share it
 * @throws BAD_OPTION if an option is wrong
 */
export function cached(storage: CheckpointStorage, folder: string, options: CachedOptions): CheckpointStorage {
  checkOptions(
    'cached',
    { storage, folder, ...options },
    {
      storage: required(withMethods('a checkpoint storage', ['put', 'get', 'list', 'remove'])),
      folder: required(nonEmptyText),
      limit: required(numberFrom(1)),
    },
  )
  const cache = cacheFolder(resolve(folder), options.limit)
  const isCached = (key: string): boolean => parseSnapshotKey(key) !== null

  async function write(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (!isCached(key)) return writeChunks(storage, key, chunks)
    const keeping = cache.writing(key, chunks)
    try {
      await writeChunks(storage, key, keeping.chunks)
    } catch (thrown) {
      await keeping.discard()
      throw thrown
    }
    await keeping.keep()
  }

  async function read(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    const found = isCached(key) ? await cache.read(key) : null
    if (found !== null) return found
    const stored = await readChunks(storage, key)
    if (stored === null) return null
    return isCached(key) ? keptWhenRead(cache, key, chunksOf(stored)) : chunksOf(stored)
  }

  return Object.assign(Object.create(storage) as CheckpointStorage, {
    place: storage.place,
    async ready() {
      const warnings = (await storage.ready?.()) ?? []
      const problem = await cache.problem()
      return problem === null ? warnings : [...warnings, `The cache in ${folder} cannot be written (${problem})`]
    },
    put: (key: string, bytes: Uint8Array) => (isCached(key) ? write(key, chunksOf([bytes])) : storage.put(key, bytes)),
    async get(key: string) {
      if (!isCached(key)) return storage.get(key)
      const chunks = await read(key)
      return chunks && joined(chunks)
    },
    write,
    read,
    list: (prefix: string) => storage.list(prefix),
    async remove(key: string) {
      await storage.remove(key)
      if (isCached(key)) await cache.remove(key)
    },
  })
}

/** Keeps what comes from the storage, once it has come to its end. */
async function* keptWhenRead(
  cache: CacheFolder,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const keeping: Keeping = cache.writing(key, chunks)
  let whole = false
  try {
    yield* keeping.chunks
    whole = true
  } finally {
    await (whole ? keeping.keep() : keeping.discard())
  }
}
