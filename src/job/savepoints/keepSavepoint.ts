/**
 * Keeps the newest checkpoint of a job under a name:
 *
 *   look     plan and ledger entries of all shards; disturbs nobody
 *   copy     the snapshots that the entries name, to keys of the savepoint
 *   decide   put the savepoint itself, write-once
 *
 * It is done beside the job, by whoever can read its ledger. A running job may drop a snapshot
 * before it is copied: then the newer entries count, and what is copied already stays. So each try
 * copies only what is new, and one succeeds as soon as it is faster than the job supersedes.
 *
 * Killed before the last step, it leaves keys that no savepoint names; `removeSavepoint` removes
 * them.
 */
import { randomUUID } from 'node:crypto'
import { readMarks } from '../../checkpoint/lineageMarks.ts'
import { keptKey, savepointKey } from '../../checkpoint/names.ts'
import { copySnapshots } from '../../checkpoint/savepoints/keptSnapshots.ts'
import { encodeSavepoint, type KeptCheckpoint } from '../../checkpoint/savepoints/savepointCodec.ts'
import { findSavepoint, type Savepoint, shownSavepoint } from '../../checkpoint/savepoints/savepoints.ts'
import { sleep } from '../../clock.ts'
import type { PlanContext } from '../../contracts/plan.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import { FatalError, RetriableError, RxweftError } from '../../errors.ts'
import { type Cut, type CutParts, decidedCut } from './decidedCut.ts'

export interface KeepParts extends CutParts, Pick<PlanContext, 'clock' | 'signal'> {
  readonly name: string
  readonly storage: CheckpointStorage
}

/** How often the ledger is looked at again, and after how long each time, ms. */
const looks = 50
const pause = 100

/** The same after a stop: the others may still take their final checkpoints. */
const looksAtRest = 600

/**
 * Rejects with Fatal SAVEPOINT_EXISTS, SAVEPOINT_TOO_EARLY and CANNOT_KEEP_SAVEPOINT, with
 * Retriable HISTORY_MOVED if the job moves all the while, and with errors of ledger and storage.
 * With `atRest` it waits until all members have let their shards go.
 */
export async function keepSavepoint(parts: KeepParts): Promise<Savepoint> {
  const { job, name, storage, clock, signal, atRest = false } = parts
  await isFree(parts)
  const savepoint = { job, name, id: randomUUID(), takenAt: Math.max(0, Math.round(clock.now())) }
  const copied = new Set<string>()
  let known: Promise<void> | undefined
  try {
    for (let left = atRest ? looksAtRest : looks; ; left--) {
      signal.throwIfAborted()
      const cut = await decidedCut(parts)
      if (cut !== null) known ??= knowsLineage(parts, cut)
      await known
      const needed = cut && (await copiedOf(cut))
      if (cut !== null && needed !== null) {
        await drop([...copied].filter((key) => !needed.has(key)))
        return shownSavepoint(await decided({ ...savepoint, ...cut }))
      }
      if (left === 0) throw atRest ? notAtRest(parts) : movesOn(parts)
      await sleep(clock, pause, signal)
    }
  } catch (thrown) {
    await drop([...copied]).catch(() => undefined)
    throw thrown
  }

  /** Keys of all snapshots of a cut, once they are copied; null if one of them is gone. */
  async function copiedOf({ entries }: Cut): Promise<ReadonlySet<string> | null> {
    const needed: string[] = []
    try {
      for (const [shard, entry] of entries.entries())
        needed.push(...(await copySnapshots(storage, savepoint, shard, entry, copied)))
      return new Set(needed)
    } catch (thrown) {
      if (thrown instanceof RxweftError && thrown.code === 'SNAPSHOT_MISSING') return null
      throw thrown
    }
  }

  async function drop(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      copied.delete(key)
      await storage.remove(keptKey(job, name, savepoint.id, key))
    }
  }

  async function decided(kept: KeptCheckpoint): Promise<KeptCheckpoint> {
    try {
      await storage.put(savepointKey(job, name), encodeSavepoint(kept))
    } catch (thrown) {
      const there = await findSavepoint(storage, job, name).catch(() => undefined)
      // An answer may be lost: then it is there all the same.
      if (there?.id === kept.id) return there
      if (there) throw taken(parts)
      // The request may still be on its way, so nothing is removed that it names.
      copied.clear()
      throw thrown
    }
    return kept
  }
}

/** Another storage would take the savepoint, and nobody would find it there. */
async function knowsLineage({ job, storage }: KeepParts, { entries }: Cut): Promise<void> {
  const lineage = entries[0]?.lineage ?? ''
  if ((await readMarks(storage, job)).some((mark) => mark.lineage === lineage)) return
  throw new FatalError('CANNOT_KEEP_SAVEPOINT', `${storage.place} does not know the lineage ${lineage} of the job`, {
    where: { job },
    hint: 'Use the storage with which the job runs. Nothing was written',
  })
}

/** Rejects with Fatal SAVEPOINT_EXISTS if the name is taken, and with CANNOT_KEEP_SAVEPOINT. */
export async function isFree(parts: Pick<KeepParts, 'job' | 'name' | 'storage'>): Promise<void> {
  if ((await findSavepoint(parts.storage, parts.job, parts.name)) !== null) throw taken(parts)
}

function taken({ job, name, storage }: Pick<KeepParts, 'job' | 'name' | 'storage'>): FatalError {
  return new FatalError('SAVEPOINT_EXISTS', `the job already has a savepoint "${name}" in ${storage.place}`, {
    where: { job },
    hint: 'Choose another name, or remove it with removeSavepoint. It was not changed',
  })
}

function movesOn({ job, store }: KeepParts): RetriableError {
  return new RetriableError('HISTORY_MOVED', `${store.place} changed while the savepoint was taken`, {
    where: { job },
    hint: 'Shards move, or the job supersedes its snapshots faster than they are copied. Take it again, or stop the job with `stop({ savepoint })`',
  })
}

function notAtRest({ job, store }: KeepParts): FatalError {
  return new FatalError('CANNOT_KEEP_SAVEPOINT', `${store.place} has no final checkpoint of some shards`, {
    where: { job },
    hint: 'A process was killed while the job stopped, or the job was started again. Nothing is lost: start the job, and stop it again with `stop({ savepoint })`. No savepoint was written',
  })
}
