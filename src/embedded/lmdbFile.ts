/**
 * The LMDB file under an embedded log: its tables and transactions.
 *
 * A transaction is synchronous and durable when it returns (data pages, fdatasync, then the meta
 * page through O_DSYNC), and only one process at a time is in one. lmdb's asynchronous writes and
 * overlapping syncs are faster and not used: their commits can be seen, and built upon, before they
 * are on disk, and their failures surface where nobody can catch them.
 *
 * If a process is killed within a transaction, the next process gets the lock at once. The killed
 * transaction may have become durable just before, and readers see that only after another
 * transaction has begun: so a decision is known within a transaction, not from reading alone.
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { FatalError, RetriableError, toRxweftError } from '../errors.ts'
import { optionalPackage } from '../optionalPackage.ts'
import { checkMagic } from './checkMagic.ts'

/** Keys sort by their parts, numbers numerically. */
export type Key = readonly (string | number)[]

export interface Table<V> {
  get(key: Key): V | undefined
  put(key: Key, value: V): void
  remove(key: Key): void
  /** Entries from `start` up to, not including, `end`. */
  range(start: Key, end: Key): readonly { readonly key: Key; readonly value: V }[]
  /** Entry with the greatest key at or below `at`, and above `floor`. */
  below(at: Key, floor: Key): { readonly key: Key; readonly value: V } | undefined
}

export interface LmdbFile {
  readonly path: string
  /** Names of the tables in the file. */
  tables(): readonly string[]
  /** A table of strings. */
  text(name: string): Table<string>
  /** A table of bytes. Reads return copies. */
  bytes(name: string): Table<Uint8Array>
  /**
   * Runs `work` in a write transaction, and returns once it is durable. If `work` throws, the
   * transaction is undone and the error rethrown. Throws Retriable LOG_NOT_WRITTEN if the file
   * cannot be written, Fatal LOG_CLOSED after `close`.
   */
  transact<A>(work: () => A): A
  /**
   * Makes later reads see everything that other processes have committed. Throws Fatal LOG_CLOSED
   * after `close`.
   */
  refresh(): void
  close(): Promise<void>
}

/**
 * Throws Fatal LMDB_UNAVAILABLE, Fatal LOG_NOT_OPENED, or Corrupted LOG_DAMAGED if the file is not
 * LMDB's: lmdb itself would overwrite it, or crash on it.
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
  // lmdb returns a key of one part without its array.
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
    hint: 'Check that the disk is not full. Committed records are intact',
    cause,
  })
}

function logClosed(file: string): FatalError {
  return new FatalError('LOG_CLOSED', 'the embedded log is closed', {
    where: { file },
    hint: 'Close the log after its jobs have ended',
  })
}
