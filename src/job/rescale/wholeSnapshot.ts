/**
 * Stores the entries of a stream as one snapshot that builds on no other, while they are still
 * being read elsewhere: the reader waits where the storage is slower.
 */
import { storeUnlessSmall } from '../../checkpoint/inline.ts'
import { heldIn } from '../../checkpoint/ledgerCodec.ts'
import { snapshotKey } from '../../checkpoint/names.ts'
import type { SnapshotHeader } from '../../checkpoint/snapshot.ts'
import { writeBlocks } from '../../checkpoint/snapshotWriter.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import { type CheckpointStorage, readingThrough } from '../../contracts/storage.ts'
import type { Json, OperatorId } from '../../record.ts'
import type { BlockStream } from './blockStream.ts'

/** Of a snapshot, without what follows from its building on no other. */
export type WholeHeader = Omit<SnapshotHeader, 'base' | 'operators'>

/** What an entry says of its snapshot. */
export type StoredWhole = Pick<LedgerEntry, 'snapshot' | 'inline' | 'records'>

/** @param keyed operators whose entries are in the stream */
export async function wholeSnapshot(
  storage: CheckpointStorage,
  header: WholeHeader,
  keyed: readonly OperatorId[],
  states: ReadonlyMap<OperatorId, Json>,
  stream: BlockStream,
): Promise<StoredWhole> {
  const { job, shard, checkpoint, attempt } = header
  const operators = keyed.map((operator) => ({ operator, since: checkpoint }))
  const all = [...states].map(([operator, state]) => ({ operator, state }))
  const { chunks, sum } = writeBlocks({ ...header, base: [], operators }, all, stream.blocks)
  const key = snapshotKey(job, shard, checkpoint, attempt)
  let records: LedgerEntry['records']
  const place = outsideOf(storage, (where) => {
    records = where
  })
  try {
    const bytes = await storeUnlessSmall(place, key, chunks, storage.inline ?? 0)
    const held = bytes === null ? {} : { [key]: bytes.toString('base64') }
    return { snapshot: { key, ...sum() }, ...heldIn(held), ...(records === undefined ? {} : { records }) }
  } catch (thrown) {
    stream.abandon()
    throw thrown
  }
}

/** The storage, where such a snapshot is in no transaction of a checkpoint. */
function outsideOf(storage: CheckpointStorage, stored: (records: LedgerEntry['records']) => void): CheckpointStorage {
  if (storage.writeApart === undefined) return storage
  const write: CheckpointStorage['write'] = async (key, chunks) => stored(await storage.writeApart?.(key, chunks))
  return Object.assign(Object.create(storage) as CheckpointStorage, { write })
}

/** A storage that reads on only when `room` has resolved. */
export function pacedBy(storage: CheckpointStorage, room: () => Promise<unknown>): CheckpointStorage {
  async function* paced(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      await room()
      yield chunk
    }
  }
  return readingThrough(storage, paced)
}
