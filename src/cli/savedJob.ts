/** Savepoints of the job that a module exports. */
import { type Command, Option } from 'commander'
import { fileStorage } from '../checkpoint/fileStorage.ts'
import { findSavepoint } from '../checkpoint/savepoints/savepoints.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { Job } from '../job/defineJob.ts'
import type { ExecuteOptions } from '../job/executeOptions.ts'
import { type SavedCheckpoint, savedCheckpoint } from '../testing/replay/savedCheckpoint.ts'
import { jobFile } from './jobFile.ts'
import { exitCodes, Refusal } from './tell.ts'

export interface SavedOptions {
  readonly storage?: string
  readonly json: boolean
}

/** Adds the argument and options that name a job and its storage. */
export function withSaved(command: Command): Command {
  return command
    .argument('<file>', 'module that exports a job as `job` or as default, and options of execute as `options`')
    .addOption(new Option('--storage <folder>', 'folder of the snapshots, instead of the storage in `options`'))
    .option('--json', 'print JSON', false)
}

export interface SavedJob {
  readonly job: Job
  /** Those that the module exports, with this storage. */
  readonly options: ExecuteOptions
  readonly storage: CheckpointStorage
}

export async function savedJob(file: string, given: Pick<SavedOptions, 'storage'>): Promise<SavedJob> {
  const { job, options } = await jobFile(file)
  const storage = given.storage === undefined ? options?.storage : fileStorage(given.storage)
  if (storage !== undefined) return { job, storage, options: { ...options, storage } }
  const what = `${file} exports no options with a storage: pass --storage, or export options = { storage }`
  throw new Refusal(what, exitCodes.wrongArguments)
}

/** The parts of all shards of a savepoint. */
export async function savedShards(
  { job, storage }: Pick<SavedJob, 'job' | 'storage'>,
  name: string,
): Promise<readonly SavedCheckpoint[]> {
  const kept = await findSavepoint(storage, job.name, name)
  if (kept === null) throw new Refusal(`${storage.place} has no savepoint "${name}" of the job ${job.name}`)
  return Promise.all(kept.entries.map((_, shard) => savedCheckpoint(job, name, { storage, shard })))
}
