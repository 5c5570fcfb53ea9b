/**
 * Removes snapshots that no recovery needs any more. A failed removal is reported and never fatal:
 * the snapshot is only garbage.
 */

import type { CheckpointStorage } from '../contracts/storage.ts'
import { toError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import { parseSnapshotKey, snapshotPrefix } from './names.ts'

/**
 * Removes this shard's snapshots up to `checkpoint`, except `needed`: the one named by the ledger,
 * and those it builds on. Never later ones: a newer run of the job may be about to commit them.
 * Resolves with the errors it met.
 */
export async function discardOlder(
  storage: CheckpointStorage,
  job: string,
  shard: number,
  needed: ReadonlySet<string>,
  checkpoint: CheckpointId,
): Promise<readonly Error[]> {
  const errors: Error[] = []
  const noted = (thrown: unknown): void => void errors.push(toError(thrown))
  const keys = await storage.list(snapshotPrefix(job, shard)).catch((thrown) => {
    noted(thrown)
    return []
  })
  for (const key of keys) {
    const snapshot = parseSnapshotKey(key)
    if (snapshot !== null && snapshot.checkpoint <= checkpoint && !needed.has(key))
      await storage.remove(key).catch(noted)
  }
  return errors
}
