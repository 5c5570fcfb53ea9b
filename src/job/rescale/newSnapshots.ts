/** Stores one new snapshot for each shard that gets slots. */
import { randomUUID } from 'node:crypto'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { CheckpointId, Json, OperatorId } from '../../record.ts'
import type { OwnedAttempt } from '../attemptContext.ts'
import { blockStream } from './blockStream.ts'
import { type SplitParts, splitState } from './splitState.ts'
import { type StoredWhole, wholeSnapshot } from './wholeSnapshot.ts'

/** What a receiver begins with, beside its keyed state. */
export interface ReceiverState {
  readonly shard: number
  readonly main: number
  readonly states: ReadonlyMap<OperatorId, Json>
}

export interface NewSnapshots extends Omit<SplitParts, 'receivers'> {
  readonly receivers: readonly ReceiverState[]
  readonly lineage: string
  readonly checkpoint: CheckpointId
}

/**
 * Resolves with what the entries of the receivers say of their snapshots; none without state.
 *
 * @param storageOf where the snapshots of a shard go
 */
export async function newSnapshots(
  { job }: Pick<OwnedAttempt, 'job'>,
  storageOf: (shard: number) => CheckpointStorage,
  { receivers, lineage, checkpoint, ...parts }: NewSnapshots,
): Promise<ReadonlyMap<number, StoredWhole>> {
  // A name of its own: one attempt may prepare several moves, and keys are written once.
  const attempt = randomUUID()
  const keyed = [...parts.tables.operators()]
  const streams = receivers
    .filter(({ states }) => states.size > 0)
    .map((receiver) => ({ ...receiver, storage: storageOf(receiver.shard), stream: blockStream() }))

  async function store({ shard, states, storage, stream }: (typeof streams)[number]): Promise<[number, StoredWhole]> {
    const header = { job, shard, lineage, checkpoint, attempt }
    const own = keyed.filter((operator) => states.has(operator))
    return [shard, await wholeSnapshot(storage, header, own, states, stream)]
  }

  const storing = streams.map(store)
  const splitting = splitState({ ...parts, receivers: streams }).catch((thrown) => {
    for (const { stream } of streams) stream.fail(thrown)
    throw thrown
  })
  const results = await Promise.allSettled([splitting, ...storing])
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
  return new Map(await Promise.all(storing))
}
