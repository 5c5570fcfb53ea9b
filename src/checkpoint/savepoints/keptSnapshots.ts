/** Snapshots of a savepoint: copies under keys of its own, which retention does not know. */
import { createHash } from 'node:crypto'
import type { LedgerEntry, SnapshotRef } from '../../contracts/ledgerEntry.ts'
import { type CheckpointStorage, readChunks, writeChunks } from '../../contracts/storage.ts'
import { damaged } from '../frame.ts'
import { withInline } from '../inline.ts'
import { keptKey } from '../names.ts'
import { fileOf, snapshotKind, snapshotMissing } from '../snapshot.ts'
import { readStates } from '../snapshotChain.ts'
import type { KeptCheckpoint } from './savepointCodec.ts'

type SavepointId = Pick<KeptCheckpoint, 'job' | 'name' | 'id'>

/** Where a savepoint has the snapshots that an entry of it names, under the names that they had. */
export function keptSnapshots(
  storage: CheckpointStorage,
  { job, name, id }: SavepointId,
  { inline }: LedgerEntry,
): CheckpointStorage {
  const kept = Object.assign(Object.create(storage) as CheckpointStorage, {
    get: async (key: string) => storage.get(keptKey(job, name, id, key)),
    read: async (key: string) => readChunks(storage, keptKey(job, name, id, key)),
  })
  return withInline(kept, inline)
}

/**
 * Copies the snapshots that an entry of a shard names, but for those that it holds itself. Rejects
 * with Corrupted SNAPSHOT_MISSING if a later checkpoint has superseded one meanwhile.
 *
 * @param done keys of snapshots that are copied already; grows
 * @returns keys of all that the entry names
 */
export async function copySnapshots(
  storage: CheckpointStorage,
  savepoint: SavepointId,
  shard: number,
  { lineage, snapshot, inline = {} }: LedgerEntry,
  done: Set<string>,
): Promise<readonly string[]> {
  if (snapshot === null) return []
  const { job, name, id } = savepoint
  const { chain } = await readStates(withInline(storage, inline), snapshot, { job, shard, lineage })
  const all: readonly SnapshotRef[] = [...chain.filter(({ key }) => key !== snapshot.key), snapshot]
  const stored = all.filter(({ key }) => !Object.hasOwn(inline, key))
  for (const ref of stored) {
    if (done.has(ref.key)) continue
    const chunks = await readChunks(storage, ref.key)
    if (chunks === null) throw snapshotMissing(storage.place, ref.key)
    await writeChunks(storage, keptKey(job, name, id, ref.key), checked(chunks, ref, storage.place))
    done.add(ref.key)
  }
  return stored.map(({ key }) => key)
}

/** Throws at the end if the bytes are not those of the snapshot: then nothing is stored. */
async function* checked(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { key, sha256, bytes }: SnapshotRef,
  place: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    size += chunk.length
    yield chunk
  }
  if (size === bytes && hash.digest('hex') === sha256) return
  throw damaged(snapshotKind, fileOf(place, key), 'differs from the one that the ledger names in size or sha-256')
}
