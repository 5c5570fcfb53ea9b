/**
 * Snapshots are files below one folder, `<folder>/<key>`. A file appears under its name whole and
 * durable, or not at all:
 *
 *     temporary file, 0600 -> write -> fsync -> link to its name -> unlink the temporary
 *     -> fsync the folder
 *
 * The code uses link(2) instead of rename(2), because a link fails if the name is taken: of two
 * writers that race for a key, one wins.
 */
import { Buffer } from 'node:buffer'
import { constants, type Dirent } from 'node:fs'
import { type FileHandle, link, lstat, open, readdir, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chunksOf, inPieces } from '../contracts/chunks.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { nonEmptyText, required } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { codeOf, linkRefused, notAFile, unlessMissing, withFile, withFolder } from './fileErrors.ts'
import { inlineBytes } from './inline.ts'
import { storageFolders, syncFolder } from './storageFolders.ts'
import { isSegment, keyExists, keySegments, prefixSegments } from './storageKey.ts'
import { removeLeftovers, withTemporary } from './temporaryFiles.ts'

/** Follow no link, and do not wait for the other end of a pipe. Windows has neither flag. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Bytes of a file in sequence. */
type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Bytes per read or write. */
const pieceBytes = 1024 * 1024

/**
 * Stores snapshots as files in a folder, each written whole and durably, or not at all.
 *
 * The folder and its parents are created when the job starts, for this user only. A folder that
 * everybody may write to is refused. A folder that a group may write to, as Kubernetes makes it
 * with `fsGroup`, causes the event `storage-warning`.
 *
 * Snapshots of up to 16 KiB in all travel in the ledger entry and need no file.
 *
 * @param folder on a disk that outlives the process: a restart on another machine needs it too
 * @throws BAD_OPTION if the name is empty
 */
export function fileStorage(folder: string): CheckpointStorage {
  checkOptions('fileStorage', { folder }, { folder: required(nonEmptyText) })
  const root = resolve(folder)
  const place = `folder ${root}`
  const folders = storageFolders(root)

  async function keysIn(path: string, base: string, prefix: string): Promise<readonly string[]> {
    const found = await withFile(path, () => readdir(path, { withFileTypes: true }))
    const keys: string[] = []
    for (const entry of found.filter(({ name }) => isSegment(name))) {
      const key = base + entry.name
      if (key.startsWith(prefix)) keys.push(...(await keysAt(entry, join(path, entry.name), key, prefix)))
    }
    return keys
  }

  async function keysAt(entry: Dirent, path: string, key: string, prefix: string): Promise<readonly string[]> {
    if (entry.isSymbolicLink()) throw linkRefused(path)
    if (!entry.isDirectory()) return [key]
    await folders.find(key.split('/'))
    return keysIn(path, `${key}/`, prefix)
  }

  async function write(key: string, chunks: Pieces): Promise<void> {
    const [parents, name] = split(key)
    await withFile(join(root, key), async () => {
      const within = await folders.make(parents)
      await removeLeftovers(within)
      if (!(await writeOnce(within, name, chunks))) throw keyExists(key, place)
    })
  }

  return {
    ...{ place, exclusive: true, inline: inlineBytes },
    async ready() {
      const made = async (): Promise<void> => {
        const within = await folders.make([])
        await withTemporary(within, async (temporary) => (await open(temporary, 'wx', 0o600)).close())
      }
      await withFolder(root, made)
      return folders.warnings()
    },
    put: (key, bytes) => write(key, [bytes]),
    write,
    async get(key) {
      const [parents, name] = split(key)
      const within = await folders.find(parents)
      return within === null ? null : withFile(join(root, key), () => readWhole(join(within, name)))
    },
    async read(key) {
      const [parents, name] = split(key)
      const within = await folders.find(parents)
      if (within === null) return null
      const file = await withFile(join(root, key), () => openFile(join(within, name)))
      return file === null ? null : readPieces(file, join(root, key))
    },
    async list(prefix) {
      const parents = prefixSegments(prefix)
      const within = await folders.find(parents)
      const base = parents.map((segment) => `${segment}/`).join('')
      return within === null ? [] : [...(await keysIn(within, base, prefix))].sort()
    },
    async remove(key) {
      const [parents, name] = split(key)
      const within = await folders.find(parents)
      if (within !== null) await withFile(join(root, key), () => unlink(join(within, name)).catch(unlessMissing))
    },
  }
}

/** False if the name is taken. */
async function writeOnce(folder: string, name: string, chunks: Pieces): Promise<boolean> {
  const linked = await withTemporary(folder, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600)
    try {
      // Each write is a trip to another thread.
      for await (const piece of inPieces(chunksOf(chunks), pieceBytes)) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    return link(temporary, join(folder, name)).then(
      () => true,
      (thrown) => isOurs(thrown, temporary, join(folder, name)),
    )
  })
  // Needed also if the name is taken: the caller relies on the file, and its writer may not have
  // synced yet.
  await syncFolder(folder)
  return linked
}

/** Null if the file does not exist. */
async function openFile(path: string): Promise<FileHandle | null> {
  const file = await open(path, readFlags).catch(unlessMissing)
  if (file === null) return null
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw notAFile(path)
}

async function readWhole(path: string): Promise<Uint8Array | null> {
  const file = await openFile(path)
  return file === null ? null : file.readFile().finally(() => file.close())
}

/** Reads through one open file, so that all pieces come from the same file. */
async function* readPieces(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes)
      const { bytesRead } = await withFile(path, () => file.read(piece, 0, piece.length))
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

function split(key: string): readonly [parents: readonly string[], name: string] {
  const segments = keySegments(key)
  return [segments.slice(0, -1), segments.at(-1) as string]
}

/**
 * On NFS the answer to a link may be lost; the client retries and finds the name taken by its own
 * first request. The name then refers to the temporary file itself. Comparing bytes would not do:
 * of two writers that put the same bytes, exactly one must win.
 */
async function isOurs(thrown: unknown, temporary: string, path: string): Promise<boolean> {
  if (codeOf(thrown) !== 'EEXIST') throw thrown
  const [ours, found] = await Promise.all([temporary, path].map((one) => lstat(one, { bigint: true })))
  return ours?.ino === found?.ino && ours?.dev === found?.dev
}
