/** A savepoint of production, as the checkpoint from which a job under test goes on. */

import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { keptSnapshots } from '../../checkpoint/savepoints/keptSnapshots.ts'
import type { KeptCheckpoint } from '../../checkpoint/savepoints/savepointCodec.ts'
import { findSavepoint } from '../../checkpoint/savepoints/savepoints.ts'
import { readEntriesOf, readStates } from '../../checkpoint/snapshotChain.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { EntryBlock } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import { changedEntry, changeOf, presentNames } from '../../job/change/jobChange.ts'
import type { Job } from '../../job/defineJob.ts'
import { endsOf } from '../../job/entryEnds.ts'
import { buildPipeline } from '../../job/pipeline.ts'
import { savepointMissing } from '../../job/savepoints/savepointStart.ts'
import { nonEmptyText, required, wholeNumber, withMethods } from '../../optionRules.ts'
import type { Json, OperatorId } from '../../record.ts'
import type { JobCheckpoint } from '../job/testCheckpoints.ts'

/** Where a savepoint is. */
export interface SavedIn {
  /** Storage of the job that took it. */
  readonly storage: CheckpointStorage
  /** Name of that job. Default: the name of the job under test. */
  readonly job?: string | undefined
  /** Number of the shard whose part of the savepoint counts. Default 0. */
  readonly shard?: number | undefined
}

export const savedRules = {
  storage: required(withMethods('a checkpoint storage', ['get', 'list'])),
  job: nonEmptyText,
  shard: wholeNumber(0),
}

export interface SavedCheckpoint {
  readonly kept: KeptCheckpoint
  /** Entry of the shard, under the present names of this version. */
  readonly entry: LedgerEntry
  readonly checkpoint: JobCheckpoint
}

/**
 * Loads the part of one shard, under the names that this version of the job gives to its parts.
 * Rejects with Fatal SAVEPOINT_MISSING and SHARD_MISSING, and with errors of the storage.
 */
export async function savedCheckpoint(job: Job, name: string, saved: SavedIn): Promise<SavedCheckpoint> {
  const { storage, job: of = job.name, shard = 0 } = saved
  const kept = await findSavepoint(storage, of, name)
  if (kept === null) throw savepointMissing(name, of, storage.place)
  const entry = kept.entries[shard]
  if (entry === undefined) throw noShard(name, shard, kept.entries.length)
  const present = changedEntry(entry, changeOf(job), endsOf(buildPipeline(job, memoryStorage())))
  const { states, entries } = await contentOf(job, kept, entry, { storage, job: of, shard })
  const positions = new Map(present.positions.map(({ source, splits }) => [source, splits]))
  const checkpoint = { checkpoint: entry.checkpoint, states, entries, positions, watermarks: new Map() }
  return { kept, entry: present, checkpoint }
}

/** Positions of two savepoints. Throws Fatal NOTHING_BETWEEN if none of them moves on. */
export function rangeBetween(job: string, begun: SavedCheckpoint, ended: SavedCheckpoint) {
  const [from, to] = [begun.checkpoint.positions, ended.checkpoint.positions]
  const isAhead = [...to].some(([source, splits]) =>
    splits.some((split) => {
      const before = from.get(source)?.find((one) => one.topic === split.topic && one.partition === split.partition)
      return split.offset > (before?.offset ?? 0)
    }),
  )
  if (isAhead) return { from, to }
  throw new FatalError('NOTHING_BETWEEN', `no input lies between "${begun.kept.name}" and "${ended.kept.name}"`, {
    where: { job },
    hint: 'Name the earlier savepoint as `from`, and a later one as `to`',
  })
}

async function contentOf(
  job: Job,
  kept: KeptCheckpoint,
  entry: LedgerEntry,
  { storage, job: of, shard }: { readonly storage: CheckpointStorage; readonly job: string; readonly shard: number },
) {
  const states = new Map<OperatorId, Json>()
  const entries = new Map<OperatorId, EntryBlock[]>()
  const { snapshot, lineage } = entry
  if (snapshot === null) return { states, entries }
  const from = keptSnapshots(storage, kept, entry)
  const restored = await readStates(from, snapshot, { job: of, shard, lineage })
  const ids = [...restored.states.keys(), ...restored.header.operators.map(({ operator }) => operator)]
  const name = presentNames(changeOf(job), ids)
  for (const [operator, state] of restored.states) states.set(name(operator), state)
  await readEntriesOf(from, snapshot, restored.header, (operator, block) => {
    const blocks = entries.get(name(operator)) ?? []
    entries.set(name(operator), blocks)
    // The reader uses its memory again.
    blocks.push({ ...block, bytes: block.bytes.slice() })
  })
  return { states, entries }
}

function noShard(name: string, shard: number, shards: number): FatalError {
  return new FatalError(
    'SHARD_MISSING',
    `the savepoint "${name}" has ${shards} shards, and none with number ${shard}`,
    {
      hint: `Pass a shard from 0 to ${shards - 1}`,
    },
  )
}
