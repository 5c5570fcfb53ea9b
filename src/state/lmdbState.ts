/**
 * Keyed state in an LMDB file of the attempt, with a cache of recently used keys in memory:
 *
 *     read     cache, else LMDB
 *     change   cache, until the next checkpoint has written it
 *     barrier  changes go into the snapshot and into LMDB, a few entries at a time
 *
 * The file is not a part of a checkpoint: it is built from snapshots at the start, never synced,
 * and deleted with the attempt. It needs a fast disk, not a durable one.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import type { AttemptContext } from '../attempt.ts'
import { othersTurn } from '../clock.ts'
import { FatalError, RetriableError, toRxweftError } from '../errors.ts'
import { optionalPackage } from '../optionalPackage.ts'
import { nonEmptyText, numberFrom, required } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { type LmdbEntries, lmdbEntries } from './lmdbEntries.ts'
import type { StateBackend } from './memoryState.ts'
import type { Disk } from './operatorStore.ts'
import { type OverflowFile, overflowFile } from './overflowFile.ts'
import { sortedEntries } from './sortedEntries.ts'
import { states } from './states.ts'

/** Options of `lmdbState`. */
export interface LmdbStateOptions {
  /**
   * Number of keys of each piece of state that stay in memory, besides those changed since the last
   * checkpoint. Default 100,000.
   */
  readonly cache?: number | undefined
}

/** Restored entries that are written in one transaction, without yielding to other work. */
const entriesAtOnce = 4_096
/** Age of an untouched folder that shows that its attempt was killed, ms. */
const abandoned = 60 * 60_000

/**
 * Keeps keyed state that exceeds memory in an LMDB file, with recently used keys in memory.
 *
 *     execute(job, { storage, state: lmdbState('/var/tmp/rxweft') })
 *
 * Snapshots remain the durable copy: the file is rebuilt from them at each start.
 *
 * @param folder folder for the files of attempts, on a fast local disk; jobs may share it
 * @throws LMDB_UNAVAILABLE if the package lmdb is not installed
 * @throws BAD_OPTION if the folder or the cache is wrong
 * @throws STATE_NOT_OPENED when the job starts, if the file cannot be opened
 * @throws STATE_IO (Retriable) if the disk is full or fails
 * @throws KEY_TOO_LONG if a key exceeds 1,900 bytes; `onError` of the operator applies
 */
export function lmdbState(folder: string, options: LmdbStateOptions = {}): StateBackend {
  checkOptions('lmdbState', { folder, ...options }, { folder: required(nonEmptyText), cache: numberFrom(0) })
  const { cache = 100_000 } = options
  const lmdb = optionalPackage<typeof import('lmdb')>('lmdb', 'lmdbState')
  const root = resolve(folder)
  return {
    async open({ attempt, allowDroppedState }: AttemptContext) {
      const path = join(root, `attempt-${attempt}`)
      removeAbandoned(root)
      const file = opened(lmdb, path)
      const overflow = overflowFile(join(path, 'restored'))
      const backend = states(allowDroppedState, disk(file, cache, path, overflow))
      return {
        ...backend,
        get operators() {
          return backend.operators
        },
        async close() {
          overflow.remove()
          await file.close()
          rmSync(path, { recursive: true, force: true })
        },
      }
    },
  }
}

function disk(file: RootDatabase<unknown, never>, cached: number, path: string, overflow: OverflowFile): Disk {
  const tables: LmdbEntries[] = []
  const restoring = sortedEntries(overflow)

  function writing<A>(write: () => A): A {
    try {
      return write()
    } catch (thrown) {
      throw toRxweftError(thrown, (cause) => notWritten(path, cause))
    }
  }

  function transaction(write: () => void): void {
    writing(() => {
      file.transactionSync(write)
      // Later reads in this turn must see the new data.
      file.resetReadTxn()
    })
  }

  return {
    cached,
    backing(operator, table) {
      const number = tables.length
      const entries = lmdbEntries(file, operator, table, (hash, key, value) =>
        writing(() => restoring.add(number, hash, key, value)),
      )
      tables.push(entries)
      return entries
    },
    flush() {
      if (!tables.some((table) => table.saved > 0)) return
      transaction(() => {
        for (const table of tables) table.flush()
      })
    },
    async restored() {
      const sorted = restoring.read()[Symbol.iterator]()
      for (let done = false; !done; ) {
        await othersTurn()
        transaction(() => {
          for (let left = entriesAtOnce; left > 0 && !done; left--) {
            const next = sorted.next()
            if (next.done) done = true
            else tables[next.value.table]?.append(next.value.key, next.value.value)
          }
        })
      }
      overflow.remove()
    },
  }
}

function opened({ open }: typeof import('lmdb'), path: string): RootDatabase<unknown, never> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return open({ path: join(path, 'state.mdb'), noSync: true, noMemInit: true, maxDbs: 1_000 })
  } catch (thrown) {
    throw toRxweftError(thrown, (cause) => notOpened(path, cause))
  }
}

/**
 * Removes what killed attempts have left. A live attempt touches its file at each checkpoint with
 * changes; one that is idle for an hour continues on its unlinked file. Never throws, since the
 * folders are only garbage.
 */
function removeAbandoned(root: string): void {
  const now = Date.now()
  for (const name of existing(() => readdirSync(root)) ?? []) {
    const path = join(root, name)
    const used = name.startsWith('attempt-') ? existing(() => statSync(join(path, 'state.mdb')).mtimeMs) : undefined
    if (used !== undefined && now - used > abandoned) existing(() => rmSync(path, { recursive: true }))
  }
}

function existing<A>(look: () => A): A | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function notOpened(file: string, cause: Error): FatalError {
  return new FatalError('STATE_NOT_OPENED', `the file for state cannot be opened: ${cause.message}`, {
    where: { file },
    hint: 'Name a folder on a local disk that this process may write to',
    cause,
  })
}

function notWritten(file: string, cause: Error): RetriableError {
  return new RetriableError('STATE_IO', `the file for state cannot be written: ${cause.message}`, {
    where: { file },
    hint: 'Check that the disk is not full. Nothing is lost: the state is in the checkpoints',
    cause,
  })
}
