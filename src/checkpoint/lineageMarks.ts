/**
 * Lineage marks: records of a job's lineages in the storage beside its snapshots, so that the loss
 * of the ledger is noticed.
 *
 *   put intended        the lineage is about to begin: the ledger may or may not know it
 *   commit genesis      the ledger knows it, in all shards at once
 *   put shard-0         it has begun: the ledger must know it; only now records are read
 *
 * After a kill between any two steps, the next start can continue. Jobs that began before there
 * were plans have a mark of each shard. A mark is its key alone, so a storage needs only `put` and
 * `list` for it.
 */
import { Buffer } from 'node:buffer'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { RxweftError } from '../errors.ts'
import { type MarkName, markKey, markPrefix, parseMarkKey } from './names.ts'

/** Marks of one lineage. */
export interface LineageMark {
  /** Higher for later lineages of a job. */
  readonly sequence: number
  readonly lineage: string
  /** Shards in which the lineage has begun. */
  readonly begun: ReadonlySet<number>
}

export async function readMarks(storage: CheckpointStorage, job: string): Promise<readonly LineageMark[]> {
  const names = (await storage.list(markPrefix(job))).flatMap((key) => parseMarkKey(key) ?? [])
  const marks = new Map<string, { sequence: number; lineage: string; begun: Set<number> }>()
  for (const { sequence, lineage, kind } of names) {
    const id = `${sequence} ${lineage}`
    const mark = marks.get(id) ?? { sequence, lineage, begun: new Set() }
    marks.set(id, mark)
    if (kind !== 'intended') mark.begun.add(kind)
  }
  return [...marks.values()]
}

/** @param place of the ledger, for people who look into the storage */
export async function putMark(storage: CheckpointStorage, job: string, name: MarkName, place: string): Promise<void> {
  await storage.put(markKey(job, name), Buffer.from(`${place}\n`)).catch((thrown) => {
    // An earlier try, or another start of the same lineage, has put it: just as good.
    if (!(thrown instanceof RxweftError && thrown.code === 'KEY_EXISTS')) throw thrown
  })
}
