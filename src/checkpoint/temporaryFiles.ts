/**
 * Temporary files: names, and removal of those left by killed processes. A file that is still being
 * written must stay, and a process id does not tell: containers that share a folder may each have a
 * process 1. So a file is removed only if untouched for a while; how long depends on whether its
 * process is known to be gone.
 */
import { randomUUID } from 'node:crypto'
import { readdir, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf } from './fileErrors.ts'

/** Age without changes, ms, at which a file is removed: if its process is gone, and in any case. */
const minute = 60_000
const hour = 60 * minute

const host = hostname()
  .replace(/[^A-Za-z0-9.-]/g, '_')
  .slice(0, 64)
const shape = /^\.put-(.+)-(\d+)-[0-9a-f]{8}-[0-9a-f-]{27}$/

/** Files this process is writing now, through any storage. */
const mine = new Set<string>()

/**
 * Calls `write` with the path of a new temporary file, and removes the file afterwards. The leading
 * dot keeps its name from being a key.
 */
export async function withTemporary<A>(folder: string, write: (path: string) => Promise<A>): Promise<A> {
  const name = `.put-${host}-${process.pid}-${randomUUID()}`
  mine.add(name)
  try {
    return await write(join(folder, name))
  } finally {
    await unlink(join(folder, name)).catch(() => undefined)
    mine.delete(name)
  }
}

/** Removes the temporary files left in a folder. Never rejects: they are only garbage. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => shape.test(one) && !mine.has(one))) {
    await removeIfOld(join(folder, name), mayBeAlive(name) ? hour : minute).catch(() => undefined)
  }
}

async function removeIfOld(path: string, age: number): Promise<void> {
  const { mtimeMs } = await stat(path)
  if (Date.now() - mtimeMs > age) await unlink(path)
}

function mayBeAlive(name: string): boolean {
  const [, writer, pid] = shape.exec(name) ?? []
  if (writer !== host) return true
  return Number(pid) !== process.pid && isRunning(Number(pid))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return codeOf(thrown) !== 'ESRCH'
  }
}
