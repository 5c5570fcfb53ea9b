import { keptSnapshots } from '../../../src/checkpoint/savepoints/keptSnapshots.ts'
import { findSavepoint } from '../../../src/checkpoint/savepoints/savepoints.ts'
import { readEntriesOf, readStates } from '../../../src/checkpoint/snapshotChain.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import { readEntries } from '../../../src/state/entries.ts'
import { decodeKey } from '../../../src/state/keys.ts'

/** All values that a savepoint has, as stored, by key. */
export async function keptCounts(
  storage: CheckpointStorage,
  job: string,
  name: string,
): Promise<Record<string, string>> {
  const kept = await findSavepoint(storage, job, name)
  const found: Record<string, string> = {}
  for (const [shard, entry] of (kept?.entries ?? []).entries()) {
    const { snapshot, lineage } = entry
    if (kept === null || snapshot === null) continue
    const from = keptSnapshots(storage, kept, entry)
    const { header } = await readStates(from, snapshot, { job, shard, lineage })
    await readEntriesOf(from, snapshot, header, (_, { bytes }) => {
      readEntries(Buffer.from(bytes), (key, _sub, value) => {
        found[`${decodeKey(key)}`] = `${value}`
      })
    })
  }
  return found
}
