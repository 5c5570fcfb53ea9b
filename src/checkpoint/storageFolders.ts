/**
 * Folders within a storage folder, found and made one level at a time. None may be a link to
 * elsewhere, none may be writable by all users (who could then swap snapshots), and each is durable
 * before a file is put into it.
 */
import { type FileHandle, lstat, mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, linkRefused, notAFile, rightsError, unlessMissing, withFile } from './fileErrors.ts'

export interface StorageFolders {
  /** Path of a trusted folder; null if it does not exist. */
  find(segments: readonly string[]): Promise<string | null>
  /** Like `find`, but makes a missing folder, durably. */
  make(segments: readonly string[]): Promise<string>
  /** Problems found so far that are not bad enough to refuse the folders. */
  warnings(): readonly string[]
}

/** Windows has neither these modes nor a way to sync a folder. */
const posix = process.platform !== 'win32'

export function storageFolders(root: string): StorageFolders {
  const durable = new Set<string>()
  let groupWritable: string | undefined

  /** False if it does not exist. Throws if it cannot be trusted. */
  async function exists(path: string): Promise<boolean> {
    const found = await withFile(path, () => (path === root ? stat(path) : lstat(path)).catch(unlessMissing))
    if (found === null) return false
    if (found.isSymbolicLink()) throw linkRefused(path)
    if (!found.isDirectory()) throw notAFile(path)
    if (posix && (found.mode & 0o002) !== 0) throw tooWide(path)
    if (posix && (found.mode & 0o020) !== 0) groupWritable ??= path
    return true
  }

  /**
   * Another process may have made the folder a moment ago without syncing it yet, so this always
   * syncs.
   */
  async function ensure(path: string): Promise<void> {
    if (!(await exists(path))) {
      durable.delete(path)
      await makeFolder(path)
      if (!(await exists(path))) throw notAFile(path)
    }
    if (durable.has(path)) return
    await syncFolder(dirname(path), path === root)
    durable.add(path)
  }

  return {
    async find(segments) {
      for (const path of paths(root, segments)) if (!(await exists(path))) return null
      return join(root, ...segments)
    },
    async make(segments) {
      for (const path of paths(root, segments)) await ensure(path)
      return join(root, ...segments)
    },
    warnings() {
      if (groupWritable === undefined) return []
      return [
        `the group of ${groupWritable} may write into it: add only trusted programs to that group, or run chmod g-w '${groupWritable}'`,
      ]
    },
  }
}

/** Makes the folder's created, renamed and linked names durable. */
export async function syncFolder(path: string, mayBeOthers = false): Promise<void> {
  if (!posix) return
  let folder: FileHandle
  try {
    folder = await open(path, 'r')
  } catch (thrown) {
    if (mayBeOthers && codeOf(thrown) === 'EACCES') return
    throw thrown
  }
  await folder.sync().finally(() => folder.close())
}

/** The root and the folders below it, outermost first. */
function paths(root: string, segments: readonly string[]): readonly string[] {
  return [root, ...segments.map((_, depth) => join(root, ...segments.slice(0, depth + 1)))]
}

/** Makes the folder and its parents, each synced into its own parent. */
async function makeFolder(path: string): Promise<void> {
  const made = await makeOne(path).catch(async (thrown) => {
    if (codeOf(thrown) !== 'ENOENT' || dirname(path) === path) throw thrown
    await makeFolder(dirname(path))
    return makeOne(path)
  })
  if (made) await syncFolder(dirname(path))
}

/** False if it exists already. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
}

function tooWide(path: string) {
  return rightsError(path, 'other users may write into the storage folder', `Run: chmod 700 '${path}'`)
}
