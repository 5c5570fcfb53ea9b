/**
 * Removes snapshots that no recovery needs any more. A failed removal is reported and never fatal:
 * the snapshot is only garbage.
 *
 * A checkpoint removes by name what its chain has dropped. What nobody removes by name (a snapshot
 * whose attempt ended before its checkpoint was decided, or that was killed before it removed
 * anything) is an orphan, and swept seldom, since a list of keys is slow and costs money.
 *
 *   first checkpoint    list: orphans 3 5
 *   a minute later      list: orphans 3 5 8   remove 3 5
 *   an hour after that  list: orphans 8       remove 8
 *
 * The minute is the longest that a checkpoint may take: by then, nobody is still storing or reading
 * what lay there before.
 *
 * The proof that a key is an orphan: the shard's current entry is decided, the key belongs to no
 * later checkpoint, and neither the entry nor its chain names it. A later entry can then name it no
 * more, since chains only grow by later snapshots. That holds for a zombie, too: its last entry is
 * older, and so is everything that it removes.
 */
import type { AttemptContext } from '../attempt.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { toError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import { parseSnapshotKey, snapshotPrefix } from './names.ts'

/** Decided checkpoint. */
export interface DecidedCheckpoint {
  readonly checkpoint: CheckpointId
  /** Keys of all snapshots in its chain. */
  readonly keys: ReadonlySet<string>
  /** Keys that the chain before it had and it has not. */
  readonly dropped: readonly string[]
}

export interface Retention {
  /** Removes garbage after each decision. Resolves with the errors it met. */
  after(decided: DecidedCheckpoint): Promise<readonly Error[]>
}

/** Time between later sweeps: so many times the longest transaction. */
const seldom = 60

export function retention(
  storage: CheckpointStorage,
  { job, shard, clock, longestTransaction }: Pick<AttemptContext, 'job' | 'shard' | 'clock' | 'longestTransaction'>,
): Retention {
  /** Orphans that the last sweep left. */
  let known: ReadonlySet<string> = new Set()
  let sweeps = 0
  let due = 0

  async function orphans({ checkpoint, keys }: DecidedCheckpoint): Promise<readonly string[]> {
    const found = await storage.list(snapshotPrefix(job, shard))
    return found.filter((key) => {
      const snapshot = parseSnapshotKey(key)
      return snapshot !== null && snapshot.checkpoint <= checkpoint && !keys.has(key)
    })
  }

  async function sweep(decided: DecidedCheckpoint): Promise<readonly Error[]> {
    const found = await orphans(decided)
    const old = found.filter((key) => known.has(key))
    known = new Set(found)
    return remove(old)
  }

  async function remove(keys: readonly string[]): Promise<readonly Error[]> {
    const errors: Error[] = []
    await Promise.all(keys.map((key) => storage.remove(key).catch((thrown) => errors.push(toError(thrown)))))
    return errors
  }

  return {
    async after(decided) {
      const errors = await remove(decided.dropped)
      const now = clock.monotonic()
      if (sweeps > 0 && now < due) return errors
      due = now + longestTransaction * (sweeps === 0 ? 1 : seldom)
      sweeps += 1
      return [...errors, ...(await sweep(decided).catch((thrown) => [toError(thrown)]))]
    },
  }
}
