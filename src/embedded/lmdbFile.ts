/**
 * The LMDB file under an embedded log: its tables, and its transactions.
 *
 * A transaction is synchronous and durable when it returns (data pages, fdatasync, then the meta page through O_DSYNC), and one process
 * at a time is in one. lmdb's asynchronous writes and overlapping syncs are faster and not used: what they have committed may be seen, and
 * built upon, before it is on disk, and their failures are reported where nobody can catch them.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { CorruptedError, FatalError, RetriableError, toRxweftError } from '../errors.ts'

/** Keys sort by their parts, numbers as numbers. */
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
   * Runs `work` in a write transaction, and returns once all of it is durable. What `work` throws undoes it and is thrown on.
   * Throws Retriable LOG_NOT_WRITTEN where the file cannot be written.
   */
  transact<A>(work: () => A): A
  /** What is read from now on includes all that other processes have committed. */
  refresh(): void
  close(): Promise<void>
}

/** Throws Fatal LOG_NOT_OPENED, or Corrupted LOG_DAMAGED where it is no LMDB file: lmdb itself would overwrite it or crash. */
export function lmdbFile(file: string): LmdbFile {
  const path = resolve(file)
  const root = opened(path)
  return {
    path,
    tables: () => [...root.getKeys()].map(String),
    text: (name) => table<string>(root, name, 'string'),
    bytes: (name) => table<Uint8Array>(root, name, 'binary'),
    transact(work) {
      try {
        return root.transactionSync(work)
      } catch (thrown) {
        throw toRxweftError(thrown, (cause) => notWritten(path, cause))
      }
    },
    refresh: () => root.resetReadTxn(),
    close: () => root.close(),
  }
}

function opened(path: string): RootDatabase<unknown, never> {
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
  return {
    get: (key) => db.get(mutable(key)),
    put: (key, value) => void db.put(mutable(key), value),
    remove: (key) => void db.remove(mutable(key)),
    range: (start, end) => [...db.getRange({ start: mutable(start), end: mutable(end) })],
    below: (at, floor) => [...db.getRange({ start: mutable(at), end: mutable(floor), reverse: true, limit: 1 })][0],
  }
}

/** Where LMDB keeps its magic number in the first page. */
const magic = { offset: 24, value: 0xbeefc0de }

function checkMagic(path: string): void {
  const file = openSync(path, 'a+')
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error('it is not a regular file')
    const bytes = Buffer.alloc(magic.offset + 4)
    const read = readSync(file, bytes, 0, bytes.length, 0)
    if (stat.size > 0 && (read < bytes.length || !hasMagic(bytes))) throw notALog(path, 'is not an LMDB file')
  } finally {
    closeSync(file)
  }
}

/** In the byte order of the machine that made it. */
function hasMagic(bytes: Buffer): boolean {
  return bytes.readUInt32LE(magic.offset) === magic.value || bytes.readUInt32BE(magic.offset) === magic.value
}

export function notALog(file: string, how: string): CorruptedError {
  return new CorruptedError('LOG_DAMAGED', `the embedded log ${how}`, {
    where: { file },
    hint: 'Name another file, or put an intact copy in its place; nothing was written to it',
  })
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
    hint: 'Is the disk full, or has the log been closed?',
    cause,
  })
}
