/**
 * Keyed state that is larger than memory: in an LMDB file of the attempt, with what was used last in memory.
 *
 *   read    memory, else LMDB          change   memory, until the next checkpoint has written it
 *   barrier what has changed goes into the snapshot and into LMDB, a few entries at a time
 *
 * The file is no part of a checkpoint: it is built from the snapshots at the start, never synced, and gone with the attempt. So it needs a disk that is
 * fast, and not one that keeps its promises.
 */

import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import type { AttemptContext } from '../attempt.ts'
import { FatalError, RetriableError, toRxweftError } from '../errors.ts'
import { optionalPackage } from '../optionalPackage.ts'
import { checkOptionNames } from '../options.ts'
import { type LmdbEntries, lmdbEntries } from './lmdbEntries.ts'
import type { StateKeeper } from './memoryState.ts'
import type { Disk } from './operatorStore.ts'
import { states } from './states.ts'

export interface LmdbStateOptions {
  /** How many keys of each piece of state stay in memory beside those that have changed since the last checkpoint; default 100,000. */
  readonly cache?: number | undefined
}

/** Untouched for so long, ms, is a folder of an attempt that was killed. */
const abandoned = 60 * 60_000

/**
 * @param folder for the files of attempts, on a local disk; several jobs may share it.
 * Throws Fatal LMDB_UNAVAILABLE if the package lmdb is not installed. Later: Fatal STATE_NOT_OPENED, Retriable STATE_IO (disk full), Fatal KEY_TOO_LONG (1,900 bytes),
 * which `onError` of the operator decides about.
 */
export function lmdbState(folder: string, options: LmdbStateOptions = {}): StateKeeper {
  checkOptionNames('lmdbState', options, { cache: true }, 'BAD_SETTINGS')
  const { cache = 100_000 } = options
  if (folder === '' || !(cache >= 0)) throw badOptions(folder, cache)
  const lmdb = optionalPackage<typeof import('lmdb')>('lmdb', 'lmdbState')
  const root = resolve(folder)
  return {
    async open({ attempt, allowDroppedState }: AttemptContext) {
      const path = join(root, `attempt-${attempt}`)
      removeAbandoned(root)
      const file = opened(lmdb, path)
      const backend = states(allowDroppedState, disk(file, cache, path))
      return {
        ...backend,
        get operators() {
          return backend.operators
        },
        async close() {
          await file.close()
          rmSync(path, { recursive: true, force: true })
        },
      }
    },
  }
}

function disk(file: RootDatabase<unknown, never>, cached: number, path: string): Disk {
  const tables: LmdbEntries[] = []
  return {
    cached,
    backing(operator, table) {
      const entries = lmdbEntries(file, operator, table)
      tables.push(entries)
      return entries
    },
    flush() {
      if (!tables.some((table) => table.saved > 0)) return
      try {
        file.transactionSync(() => {
          for (const table of tables) table.flush()
        })
        // What is read later in this turn is to be the new.
        file.resetReadTxn()
      } catch (thrown) {
        throw toRxweftError(thrown, (cause) => notWritten(path, cause))
      }
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
 * What killed attempts have left; who lives touches its file with each checkpoint that has changes. Should one be idle for an hour, it goes on with the file
 * that has no name any more. Never throws: it is only garbage.
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

function badOptions(folder: string, cache: number): FatalError {
  return new FatalError('BAD_SETTINGS', `lmdbState has the folder ${JSON.stringify(folder)} and the cache ${cache}`, {
    hint: 'Name a folder on a local disk, and how many keys stay in memory, from 0',
  })
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
    hint: 'Is the disk full? Nothing is lost: the state is in the checkpoints',
    cause,
  })
}
