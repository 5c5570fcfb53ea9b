/**
 * Files of a cache of snapshots, `<sha-256 of the key>-<sha-256 of the bytes>`. The bytes are
 * checked before they are used, so a file that is damaged or half written is as good as none.
 * Nothing here rejects: a cache that fails is slow, and nothing else.
 */
import { Buffer } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, withFile } from './fileErrors.ts'

export interface CacheFolder {
  /** Null if the file is missing or wrong. */
  read(key: string): Promise<AsyncIterable<Uint8Array> | null>
  /** Passes the chunks on, and keeps them; `keep` makes them a file once they are all stored. */
  writing(key: string, chunks: AsyncIterable<Uint8Array>): Keeping
  remove(key: string): Promise<void>
  /** The reason why nothing can be written, or null. */
  problem(): Promise<string | null>
}

export interface Keeping {
  readonly chunks: AsyncIterable<Uint8Array>
  keep(): Promise<void>
  discard(): Promise<void>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Part of the limit that is added before the folder is looked at again: others write, too. */
const unseen = 1 / 16

/** Bytes per read. */
const pieceBytes = 1024 * 1024

/** @param limit bytes */
export function cacheFolder(folder: string, limit: number): CacheFolder {
  /** Bytes found at the last look at the folder; undefined: none yet. */
  let found: number | undefined
  /** Bytes added since. */
  let added = 0

  const names = (): Promise<string[]> => readdir(folder).catch(() => [])
  const gone = (name: string): Promise<void> => rm(join(folder, name), { force: true }).catch(() => undefined)

  async function filesOf(key: string): Promise<readonly string[]> {
    const first = `${sha256(key)}-`
    return (await names()).filter((name) => name.startsWith(first))
  }

  async function makeRoom(bytes: number): Promise<void> {
    added += bytes
    if (found !== undefined && found + added <= limit && added <= limit * unseen) return
    const files = await Promise.all(
      (await names()).map(async (name) => ({ name, ...(await sizeOf(join(folder, name))) })),
    )
    const oldest = files.sort((a, b) => a.usedAt - b.usedAt)
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { name, bytes } of oldest) {
      if (total <= limit) break
      await gone(name)
      total -= bytes
    }
    found = total
    added = 0
  }

  return {
    async read(key) {
      const [name] = await filesOf(key)
      if (name === undefined) return null
      const path = join(folder, name)
      // One open file for both readings: another process may remove the name in between.
      const file = await open(path, 'r').catch(() => null)
      const whole = file === null ? null : await summed(file)
      if (file === null || whole?.sum !== name.slice(65)) {
        await file?.close().catch(() => undefined)
        await gone(name)
        return null
      }
      const now = new Date()
      await utimes(path, now, now).catch(() => undefined)
      return checked(file, path, whole.bytes)
    },
    writing(key, chunks) {
      const temporary = join(folder, `new-${randomUUID()}`)
      const hash = createHash('sha256')
      let bytes = 0
      let file: FileHandle | null = null
      let failed = false

      async function append(chunk: Uint8Array): Promise<void> {
        try {
          file ??= await opened()
          await file.writeFile(chunk)
        } catch {
          failed = true
        }
      }

      async function opened(): Promise<FileHandle> {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        return open(temporary, 'wx', 0o600)
      }

      async function* passing(): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
          hash.update(chunk)
          bytes += chunk.length
          if (!failed) await append(chunk)
          yield chunk
        }
      }

      async function discard(): Promise<void> {
        await file?.close().catch(() => undefined)
        file = null
        await rm(temporary, { force: true }).catch(() => undefined)
      }

      return {
        chunks: passing(),
        discard,
        async keep() {
          if (failed || file === null || bytes > limit) return discard()
          await file.close().catch(() => undefined)
          const path = join(folder, `${sha256(key)}-${hash.digest('hex')}`)
          await rename(temporary, path).catch(discard)
          await makeRoom(bytes)
        },
      }
    },
    async remove(key) {
      for (const name of await filesOf(key)) await gone(name)
    },
    async problem() {
      const temporary = join(folder, `new-${randomUUID()}`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await (await open(temporary, 'wx', 0o600)).close()
        await rm(temporary)
        return null
      } catch (thrown) {
        return (thrown as NodeJS.ErrnoException).code ?? 'unknown'
      }
    },
  }
}

async function sizeOf(path: string): Promise<{ readonly bytes: number; readonly usedAt: number }> {
  return stat(path).then(
    ({ size, mtimeMs }) => ({ bytes: size, usedAt: mtimeMs }),
    () => ({ bytes: 0, usedAt: 0 }),
  )
}

/** SHA-256 of a file in hex, and its size; null if it cannot be read. */
async function summed(file: FileHandle): Promise<{ readonly sum: string; readonly bytes: number } | null> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const piece of piecesOf(file)) {
      hash.update(piece)
      bytes += piece.length
    }
    return { sum: hash.digest('hex'), bytes }
  } catch {
    return null
  }
}

/**
 * Pieces of a file that was right a moment ago. If it fails now, the next attempt finds it wrong
 * and reads from the storage.
 */
async function* checked(file: FileHandle, path: string, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  try {
    const pieces = piecesOf(file)
    for (;;) {
      const { value: piece, done } = await withFile(path, () => pieces.next())
      if (done) break
      left -= piece.length
      yield piece
    }
    if (left !== 0) throw fileError(path, new Error('the file has become shorter'))
  } finally {
    await file.close().catch(() => undefined)
  }
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const piece = Buffer.allocUnsafe(pieceBytes)
    const { bytesRead } = await file.read(piece, 0, piece.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}
