/**
 * First entries of all shards, for a job that begins. Does everything by which a start can be
 * refused, except to take a shard over, and writes nothing: the parts of the job are opened, start
 * offsets are resolved (once for all shards, so `latest` is one moment), and the operators get a
 * Restore without state.
 */
import type { LedgerEntry } from '../contracts/ledger.ts'
import type { Plan } from '../contracts/plan.ts'
import { shardSlotsText } from '../contracts/slotsText.ts'
import { FatalError } from '../errors.ts'
import { calling } from '../partFailed.ts'
import type { SourcePosition } from '../record.ts'
import { keyedState } from '../state/store.ts'
import { type AttemptPlan, begin, subscribe } from './attempt.ts'
import { checkFed } from './checkFed.ts'
import { type OpenEnds, openEnds, positionsOf, readingShard } from './openEnds.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { genesis } from './recover.ts'
import { failOnUncaught } from './uncaught.ts'

/** What a checked start has opened. */
export interface CheckedStart extends Pick<OpenEnds, 'readers' | 'writers'> {
  /** Start offsets of all sources. */
  readonly positions: readonly SourcePosition[]
}

/**
 * Rejects with whatever refuses the start.
 *
 * @param standing positions that are known already, of all shards; those of other sources are
 *   resolved
 */
export async function checkedStart(
  parts: Pick<AttemptPlan, 'attempt' | 'pipeline' | 'storage' | 'state' | 'tell'>,
  standing: readonly SourcePosition[] = [],
): Promise<CheckedStart> {
  const { attempt, pipeline, storage, state } = parts
  failOnUncaught(attempt)
  const outputs = subscribe(parts)
  const states = await attempt.openResource(state, keyedState)
  const { of, readers, writers } = await openEnds(attempt, pipeline, storage)
  const positions: SourcePosition[] = [...standing]
  for (const [source, reader] of readers)
    if (!standing.some((one) => one.source === source))
      positions.push({ source, splits: await calling({ id: source }, 'resolve', () => reader.resolve()) })
  const divided = positions.filter(({ source }) => of(source).everywhere !== true)
  enoughPartitions(divided, attempt.shards)
  const known = new Set(standing.map(({ source }) => source))
  const resolved = positions.filter(({ source }) => !known.has(source))
  // Those of all shards, so that none of them is refused once the plan is written.
  for (const { source, splits } of [...standing, ...positionsOf(of, resolved)])
    await calling({ id: source }, 'seek', () => readers.get(source)?.seek(splits))
  attempt.signal.throwIfAborted()
  begin(parts, { entry: genesis, states: new Map(), readers })
  await states.loaded(genesis.checkpoint, new Map())
  if (outputs.failure !== null) throw outputs.failure.thrown
  checkFed(attempt, pipeline)
  return { positions, readers, writers }
}

/** First entry of a shard, signed under the plan with which it is written. */
export function firstEntry(
  plan: Plan,
  shard: number,
  owner: string,
  start: readonly SourcePosition[],
  pipeline: BuiltPipeline,
): LedgerEntry {
  const { number, lineage, slots } = plan
  const positions = positionsOf(readingShard({ shard, slots }, pipeline), start)
  return { ...genesis, lineage, positions, owner, plan: number, slots: shardSlotsText(slots, shard) }
}

/** A shard without partitions is a mistake. */
function enoughPartitions(positions: readonly SourcePosition[], shards: number): void {
  const partitions = positions.flatMap(({ splits }) => splits.map(({ partition }) => partition + 1))
  const most = partitions.reduce((a, b) => Math.max(a, b), 0)
  if (most >= shards) return
  throw new FatalError(
    'TOO_MANY_SHARDS',
    `the job has ${shards} shards, but no source has more than ${most} partitions`,
    {
      hint: 'Start the job with at most as many shards as partitions. Nothing was written',
    },
  )
}
