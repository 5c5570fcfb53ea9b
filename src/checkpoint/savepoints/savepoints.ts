import type { CheckpointStorage } from '../../contracts/storage.ts'
import { FatalError } from '../../errors.ts'
import { required, text, withMethods } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'
import type { CheckpointId } from '../../record.ts'
import { isPlainName, parseSavepointKey, savepointKey, savepointPrefix } from '../names.ts'
import { fileOf } from '../snapshot.ts'
import { decodeSavepoint, type KeptCheckpoint } from './savepointCodec.ts'

/** Savepoint of a job: a checkpoint of each of its shards, kept under a name. */
export interface Savepoint {
  /** Name of the savepoint, unique within the job. */
  readonly name: string
  /** Name of the job that took it. */
  readonly job: string
  /** When it was taken, ms since the epoch. */
  readonly takenAt: number
  /** Lineage of the job at that time. */
  readonly lineage: string
  /** Checkpoint of each shard that it keeps. */
  readonly checkpoints: readonly CheckpointId[]
}

export const savepointNameRule = text(
  '1 to 100 letters, digits, dots, underscores and hyphens, beginning with a letter or digit',
  isPlainName,
)
export const storageRule = required(withMethods('a checkpoint storage', ['put', 'get', 'list', 'remove']))

/**
 * Lists the savepoints of a job, by name. A savepoint that was not finished is not among them.
 *
 * ```ts
 * for (const { name, takenAt } of await savepoints(storage, 'orders'))
 *   console.log(name, new Date(takenAt))
 * ```
 *
 * @param storage storage of the job
 * @param job name of the job
 * @throws BAD_OPTION if an option is wrong
 * @throws SAVEPOINT_DAMAGED if one of them cannot be read
 */
export async function savepoints(storage: CheckpointStorage, job: string): Promise<readonly Savepoint[]> {
  checkOptions('savepoints', { storage, job }, { storage: storageRule, job: required(savepointNameRule) })
  const keys = await storage.list(savepointPrefix(job))
  const names = keys.flatMap((key) => parseSavepointKey(key) ?? [])
  const found = await Promise.all(names.map((name) => findSavepoint(storage, job, name)))
  return found.flatMap((one) => (one === null ? [] : [shownSavepoint(one)]))
}

/**
 * Removes a savepoint, and whatever unfinished ones of its name have left. A job that was started
 * from it has a copy of its own. Removing a missing savepoint is not an error. Do not call it while
 * a savepoint of the same name is being taken.
 *
 * @param storage storage of the job
 * @param job name of the job
 * @param name name of the savepoint
 * @throws BAD_OPTION if an option is wrong
 */
export async function removeSavepoint(storage: CheckpointStorage, job: string, name: string): Promise<void> {
  const rules = { storage: storageRule, job: required(savepointNameRule), name: required(savepointNameRule) }
  checkOptions('removeSavepoint', { storage, job, name }, rules)
  // First what makes it a savepoint, so that no half of one is ever listed.
  await storage.remove(savepointKey(job, name))
  for (const key of await storage.list(savepointPrefix(job, name))) await storage.remove(key)
}

/** Null if there is none. Rejects with Corrupted SAVEPOINT_DAMAGED or SAVEPOINT_NEWER. */
export async function findSavepoint(
  storage: CheckpointStorage,
  job: string,
  name: string,
): Promise<KeptCheckpoint | null> {
  if (storage.inLedger) throw noSavepoints(job)
  const key = savepointKey(job, name)
  const bytes = await storage.get(key)
  return bytes === null ? null : decodeSavepoint(bytes, fileOf(storage.place, key))
}

/** A savepoint as users see it. */
export function shownSavepoint({ name, job, takenAt, entries }: KeptCheckpoint): Savepoint {
  const lineage = entries[0]?.lineage ?? ''
  return { name, job, takenAt, lineage, checkpoints: entries.map(({ checkpoint }) => checkpoint) }
}

/** Snapshots are in the ledger: nothing can be kept beside it. */
export function noSavepoints(job: string): FatalError {
  return new FatalError('CANNOT_KEEP_SAVEPOINT', 'ledgerStorage() keeps snapshots in the ledger, and no savepoints', {
    where: { job },
    hint: 'Run the job with a storage of its own, such as fileStorage(folder) or s3Storage. Nothing was written',
  })
}
