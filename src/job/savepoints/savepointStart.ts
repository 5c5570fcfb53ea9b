/**
 * A start from a savepoint: the job begins a lineage whose first entries have positions and state
 * of the savepoint. It acts once, since the name of the lineage says from which savepoint it has
 * begun: a later start with the same option finds that it has.
 */
import { keptSnapshots } from '../../checkpoint/savepoints/keptSnapshots.ts'
import type { KeptCheckpoint } from '../../checkpoint/savepoints/savepointCodec.ts'
import { findSavepoint, savepointNameRule } from '../../checkpoint/savepoints/savepoints.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import { FatalError } from '../../errors.ts'
import { required } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'
import type { CheckpointId } from '../../record.ts'
import type { FormerEntry } from '../change/startingState.ts'
import type { BuiltPipeline } from '../pipeline.ts'

/** Options of `savepoint`. */
export interface SavepointOptions {
  /** Name of the job that took it. Default: the job that starts. */
  readonly job?: string | undefined
}

/** Savepoint as a start of a job, made by `savepoint` for the option `from` of `execute`. */
export interface SavepointStart extends SavepointOptions {
  /** Name of the savepoint. */
  readonly savepoint: string
}

/**
 * Names a savepoint for the option `from` of `execute`.
 *
 * ```ts
 * execute(job, { storage, from: savepoint('before-v2', { job: 'orders' }) })
 * ```
 *
 * @param name name of the savepoint
 * @throws BAD_OPTION if a name is wrong
 */
export function savepoint(name: string, options: SavepointOptions = {}): SavepointStart {
  const rules = { name: required(savepointNameRule), job: savepointNameRule }
  checkOptions('savepoint', { name, ...options }, rules)
  return { savepoint: name, ...options }
}

/** Savepoint from which a job is to begin. */
export interface SavepointOrigin {
  readonly name: string
  readonly job: string
  /** Null if it does not exist any more. */
  readonly kept: KeptCheckpoint | null
  readonly place: string
}

export async function originOf(
  from: SavepointStart | undefined,
  job: string,
  storage: CheckpointStorage,
): Promise<SavepointOrigin | null> {
  if (from === undefined) return null
  const { savepoint: name, job: of = job } = from
  return { name, job: of, kept: await findSavepoint(storage, of, name), place: storage.place }
}

/** Name of the lineage that an execution begins. */
export function lineageFrom(execution: string, { kept, name }: SavepointOrigin): string {
  return kept === null ? execution : `${execution}.${shortId(kept)}.${name}`
}

/** Whether a lineage has begun from this savepoint. One that was removed is known by its name. */
export function hasBegunFrom(lineage: string, { kept, name }: SavepointOrigin): boolean {
  const [, id, ...rest] = lineage.split('.')
  return rest.join('.') === name && (kept === null || id === shortId(kept))
}

const shortId = ({ id }: KeptCheckpoint): string => id.slice(0, 8)

/** The entry of a shard in a savepoint. Throws if the job cannot begin from it. */
export function formerEntry(
  { kept, name, job: of, place }: SavepointOrigin,
  storage: CheckpointStorage,
  { job, shard, slots }: { readonly job: string; readonly shard: number; readonly slots: readonly number[] | null },
  { repartitions }: Pick<BuiltPipeline, 'repartitions'>,
): FormerEntry {
  if (kept === null) throw savepointMissing(name, of, place)
  if (repartitions) throw inFlight(job, name)
  const entry = kept.entries[shard]
  if (entry === undefined || String(kept.slots) !== String(slots)) throw otherShards(job, name, kept.entries.length)
  // Prepared output of another job is finished by that job.
  return {
    job: of,
    entry: of === job ? entry : { ...entry, handles: {} },
    storage: keptSnapshots(storage, kept, entry),
  }
}

export function savepointMissing(name: string, job: string, place: string): FatalError {
  return new FatalError('SAVEPOINT_MISSING', `${place} has no savepoint "${name}" of the job ${job}`, {
    hint: 'Correct the name, or pass the job that took it: savepoint(name, { job }). Nothing was written',
  })
}

/** The job exists, and has not begun from this savepoint. */
export function lineageStands(
  job: string,
  { name, kept }: SavepointOrigin,
  lineage: string,
  checkpoint: CheckpointId | undefined,
): FatalError {
  const at = checkpoint === undefined ? '' : ` at checkpoint ${checkpoint}`
  const then = kept === null ? '' : `, which has checkpoint ${kept.entries.map((entry) => entry.checkpoint).join(', ')}`
  const what = `the job goes on with lineage ${lineage}${at}, and was started from the savepoint "${name}"${then}`
  return new FatalError('LINEAGE_STANDS', what, {
    where: { job },
    hint: `To go on, remove \`from\`. To go back, which writes again what was written since the savepoint, pass abandonLineage: ['${lineage}'] to execute as well, once. To leave it as it is, start the job under another name`,
  })
}

function inFlight(job: string, name: string): FatalError {
  const what = `records of the job are in its repartition topics, and the savepoint "${name}" does not have them`
  return new FatalError('CANNOT_START_FROM_SAVEPOINT', what, {
    where: { job },
    hint: 'A job with repartition topics goes on from its last checkpoint only: stop it, and start the new version without `from`. Nothing was written',
  })
}

function otherShards(job: string, name: string, shards: number): FatalError {
  const what = `the savepoint "${name}" is of a job of ${shards === 1 ? '1 shard' : `${shards} shards`} with other slots`
  return new FatalError('CANNOT_START_FROM_SAVEPOINT', what, {
    where: { job },
    hint: `Start the job as the one that took it (shards: ${shards}), and change the number of shards afterwards. Nothing was written`,
  })
}
