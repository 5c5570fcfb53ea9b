/**
 * The keyed state of one shard at a checkpoint, loaded into tables of its own beside the job. A
 * rehearsal of the pipeline opens them, so codecs, migrations and lifetimes are those of the job.
 */

import type { Clock } from '../../attempt.ts'
import { checkpointSettings } from '../../checkpoint/settings.ts'
import { readStates } from '../../checkpoint/snapshotChain.ts'
import { abortController } from '../../clock.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { OperatorId } from '../../record.ts'
import { noting, type OpenTable } from '../../state/openTables.ts'
import { states as stateTables } from '../../state/states.ts'
import { attemptContext } from '../attemptContext.ts'
import { continued, type LoadedState, loadEntries } from '../loadState.ts'
import type { BuiltPipeline } from '../pipeline.ts'
import { rehearse } from '../rehearse.ts'

export interface LoadedShard {
  readonly entry: LedgerEntry
  readonly tables: readonly OpenTable[]
  /** What a later checkpoint may go on from; the tables are then its own. */
  readonly state: LoadedState
}

export interface ShardParts {
  /** Job that has written it. */
  readonly job: string
  readonly shard: number
  readonly shards: number
  readonly entry: LedgerEntry
  /** Where its snapshots lie. */
  readonly from: CheckpointStorage
  /** Makes a pipeline of the job that reads it. */
  readonly rehearsal: () => BuiltPipeline
  readonly clock: Clock
}

/** @param before an earlier checkpoint of the shard, whose tables must not be used any more */
export async function loadedShard(parts: ShardParts, before?: LoadedShard): Promise<LoadedShard> {
  const { job, shard, entry, from } = parts
  const { snapshot, lineage, checkpoint } = entry
  const restored = snapshot && (await readStates(from, snapshot, { job, shard, lineage }))
  const goesOn = before !== undefined && restored !== null && before.entry.lineage === lineage
  const keeping = goesOn ? continued(before.state, restored) : new Set<OperatorId>()
  const tables = (goesOn ? before.state.tables.renewed?.(keeping) : undefined) ?? stateTables(true)
  const opened: OpenTable[] = []
  const pipeline = parts.rehearsal()
  const states = restored?.states ?? new Map()
  rehearse(pipeline, noting(tables, opened), { checkpoint, states }, readerOf(parts, pipeline))
  if (snapshot !== null && restored !== null)
    await loadEntries(tables, from, snapshot, restored, keeping, before?.state.checkpoint)
  await tables.loaded(checkpoint, new Map())
  const keys = new Set(restored?.chain.map(({ key }) => key) ?? [])
  return { entry, tables: opened, state: { tables, checkpoint, keys } }
}

/** What operators find of an attempt, where there is none. */
function readerOf({ shard, shards, clock }: ShardParts, pipeline: BuiltPipeline) {
  const nothing = () => undefined
  const reader = { job: 'reader', shard, shards, execution: 'reader', attempt: 'reader', allowDroppedState: true }
  return attemptContext(reader, checkpointSettings({}), {
    ...{ clock, probe: nothing, signal: abortController().signal, tell: nothing, readsInPart: () => false },
    ...{ badRecords: pipeline.badRecords, fail: nothing },
  })
}
