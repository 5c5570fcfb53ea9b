/**
 * Lineage marks: what a storage remembers of a job beside its snapshots, so that a ledger which is
 * gone is missed.
 *
 *   put intended        the lineage is about to begin: the ledger may or may not know it
 *   commit genesis      the ledger knows it
 *   put shard-0         it has begun: from here on the ledger must know it, and only now the first record is read
 *
 * A kill between any two of these leaves something that the next start can go on from. Each shard
 * marks its own beginning. The key of a mark says everything, so a mark needs nothing of a storage
 * but `put` and `list`.
 */
import { Buffer } from 'node:buffer'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { RxweftError } from '../errors.ts'
import { type MarkName, markKey, markPrefix, parseMarkKey } from './names.ts'

/** All marks of one lineage. */
export interface LineageMark {
  /** Later lineages of a job have higher numbers. */
  readonly sequence: number
  readonly lineage: string
  /** The shards in which it has begun. */
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

/** @param place of the ledger: only for people who look into the storage */
export async function putMark(storage: CheckpointStorage, job: string, name: MarkName, place: string): Promise<void> {
  await storage.put(markKey(job, name), Buffer.from(`${place}\n`)).catch((thrown) => {
    // An earlier try, or another start of the same lineage, has put it: that is as good.
    if (!(thrown instanceof RxweftError && thrown.code === 'KEY_EXISTS')) throw thrown
  })
}
