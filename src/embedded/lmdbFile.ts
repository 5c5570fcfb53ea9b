/**
 * The LMDB file under an embedded log: its tables and its transactions.
 *
 * A transaction is synchronous and durable when it returns (data pages, fdatasync, then the meta
 * page through O_DSYNC), and one process at a time is in one. lmdb's asynchronous writes and
 * overlapping syncs are faster and not used: their commits may be seen, and built upon, before they
 * are on disk, and their failures are reported where nobody can catch them.
 *
 * If a process is killed within a transaction, the next one gets the lock at once. The killed one
 * may have become durable just before, which readers see only after another transaction has begun:
 * so decisions are known within a transaction, not from reading alone.
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { FatalError, RetriableError, toRxweftError } from '../errors.ts'
import { optionalPackage } from '../optionalPackage.ts'
import { checkMagic } from './checkMagic.ts'

/** Key of a table. Keys sort by their parts, numbers as numbers. */
export type Key = readonly (string | number)[]

export interface Table<V> {
  get(key: Key): V | undefined
  put(key: Key, value: V): void
  remove(key: Key): void
  /** Keys and values from `start` on and before `end`. */
  range(start: Key, end: Key): readonly { readonly key: Key; readonly value: V }[]
  /** The greatest key at or below `at` that is above `floor`. */
  below(at: Key, floor: Key): { readonly key: Key; readonly value: V } | undefined
}

export interface LmdbFile {
  readonly path: string
  /** The names of the tables that are in the file. */
  tables(): readonly string[]
  /** Values that are text. */
  text(name: string): Table<string>
  /** Values that are bytes. What is read is a copy. */
  bytes(name: string): Table<Uint8Array>
  /**
   * Runs `work` in a write transaction, and returns once all of it is durable. What `work` throws
   * undoes it and is thrown on. Throws Retriable LOG_NOT_WRITTEN where the file cannot be written,
   * Fatal LOG_CLOSED after `close`.
   */
  transact<A>(work: () => A): A
  /**
   * What is read from now on includes all that other processes have committed. Throws Fatal
   * LOG_CLOSED after `close`.
   */
  refresh(): void
  close(): Promise<void>
}

/**
 * Opens the file, or creates it.
 *
 * @throws LMDB_UNAVAILABLE if the package lmdb is not installed
 * @throws LOG_NOT_OPENED if the file cannot be opened
 * @throws LOG_DAMAGED if it is not an LMDB file, which lmdb would overwrite, or crash on
 */
export function lmdbFile(file: string): LmdbFile {
  const path = resolve(file)
  const root = opened(path)
  let closed = false
  const stillOpen = (): void => {
    if (closed) throw logClosed(path)
  }
  return {
    path,
    tables: () => [...root.getKeys()].map(String),
    text: (name) => table<string>(root, name, 'string'),
    bytes: (name) => table<Uint8Array>(root, name, 'binary'),
    transact(work) {
      stillOpen()
      try {
        return root.transactionSync(work)
      } catch (thrown) {
        throw toRxweftError(thrown, (cause) => notWritten(path, cause))
      }
    },
    refresh() {
      stillOpen()
      root.resetReadTxn()
    },
    async close() {
      if (closed) return
      closed = true
      await root.close()
    },
  }
}

function opened(path: string): RootDatabase<unknown, never> {
  const { open } = optionalPackage<typeof import('lmdb')>('lmdb', 'the embedded log')
  try {
    mkdirSync(dirname(path), { recursive: true })
    checkMagic(path)
    return open({ path, noSubdir: true, overlappingSync: false, maxDbs: 16 })
  } catch (thrown) {
    throw toRxweftError(thrown, (cause) => notOpened(path, cause))
  }
}

function table<V>(root: RootDatabase<unknown, never>, name: string, encoding: 'string' | 'binary'): Table<V> {
  // lmdb types keys as mutable arrays, and does not change them.
  const db = root.openDB(name, { encoding }) as unknown as Database<V, (string | number)[]>
  const mutable = (key: Key) => key as (string | number)[]
  // A key of one part comes back without the array around it.
  const row = ({ key, value }: { key: Key | string | number; value: V }) => ({ key: [key].flat() as Key, value })
  return {
    get: (key) => db.get(mutable(key)),
    put: (key, value) => void db.put(mutable(key), value),
    remove: (key) => void db.remove(mutable(key)),
    range: (start, end) => [...db.getRange({ start: mutable(start), end: mutable(end) })].map(row),
    below(at, floor) {
      const found = [...db.getRange({ start: mutable(at), end: mutable(floor), reverse: true, limit: 1 })]
      return found.map(row)[0]
    },
  }
}

function notOpened(file: string, cause: Error): FatalError {
  return new FatalError('LOG_NOT_OPENED', `the embedded log cannot be opened: ${cause.message}`, {
    where: { file },
    hint: 'Name a file on a local disk that this process may read and write',
    cause,
  })
}

function notWritten(file: string, cause: Error): RetriableError {
  return new RetriableError('LOG_NOT_WRITTEN', `the embedded log cannot be read or written: ${cause.message}`, {
    where: { file },
    hint: 'Is the disk full? What was committed before is intact',
    cause,
  })
}

function logClosed(file: string): FatalError {
  return new FatalError('LOG_CLOSED', 'the embedded log has been closed', {
    where: { file },
    hint: 'Close a log after the jobs that use it have ended',
  })
}
