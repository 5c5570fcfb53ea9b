/**
 * The folders within a storage folder: found and made one level at a time, so that none of them is
 * a link to elsewhere, none can be written by all users (who could then swap snapshots), and each
 * one survives a power cut before something is put into it.
 */
import { type FileHandle, lstat, mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, linkRefused, notAFile, rightsError, unlessMissing, withFile } from './fileErrors.ts'

export interface StorageFolders {
  /** The path of a folder that is as it should be; null where there is none. */
  find(segments: readonly string[]): Promise<string | null>
  /** The same; makes it, durably, where there is none. */
  make(segments: readonly string[]): Promise<string>
  /** What is wrong with the folders so far, and not so wrong that they are refused. */
  warnings(): readonly string[]
}

/** Windows has neither these modes nor a way to sync a folder. */
const posix = process.platform !== 'win32'

export function storageFolders(root: string): StorageFolders {
  const durable = new Set<string>()
  let groupWritable: string | undefined

  /** False where there is none. Throws on what is not to be trusted. */
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
   * Others may have made it a moment ago, and not have synced it yet: so that is done here whoever
   * made it.
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
        `the group of ${groupWritable} may write into it: run only what you trust in that group, or chmod g-w '${groupWritable}'`,
      ]
    },
  }
}

/** Makes what was created, renamed or linked in a folder survive a power cut. */
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

/** With its parents, each synced into its own parent. */
async function makeFolder(path: string): Promise<void> {
  const made = await makeOne(path).catch(async (thrown) => {
    if (codeOf(thrown) !== 'ENOENT' || dirname(path) === path) throw thrown
    await makeFolder(dirname(path))
    return makeOne(path)
  })
  if (made) await syncFolder(dirname(path))
}

/** False where it is there already. */
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
