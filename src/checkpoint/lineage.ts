/**
 * Checks that ledger and storage have the same history of a job. Pure: findings in, verdict out.
 *
 *   ledger     storage             verdict
 *   nothing    nothing, intended   begin: a first start, or one that was killed before genesis
 *   nothing    begun X             conflict: the ledger is gone, or is another one
 *   X          X, intended or not  resume
 *   X          nothing of X        conflict: the storage is another one, or was emptied
 *   X          begun Y after X     conflict: one of the two was set back
 *
 * An abandoned lineage counts as absent: if every lineage found is abandoned, the job begins anew.
 * The new lineage has another id, so the same option has nothing left to abandon at the next start.
 *
 * Shard 0 decides for the job. The other shards begin, and begin anew, under its lineage.
 */
import type { LineageMark } from './lineageMarks.ts'

export interface Findings {
  readonly shard: number
  /** Lineage of the shard's ledger entry; null without an entry. */
  readonly ledger: string | null
  /** For shards other than 0: lineage of shard 0. */
  readonly first: string | null
  readonly marks: readonly LineageMark[]
  readonly abandoned: ReadonlySet<string>
}

export type Verdict =
  /**
   * @param marked true if the storage already has the mark that the lineage has begun in this shard
   */
  | { readonly type: 'resume'; readonly lineage: string; readonly sequence: number; readonly marked: boolean }
  /** @param lineage null for a new one */
  | { readonly type: 'begin'; readonly lineage: string | null; readonly sequence: number }
  /** The conflicting lineages. */
  | { readonly type: 'conflict'; readonly lineages: readonly string[] }

export function judge(found: Findings): Verdict {
  return found.shard === 0 ? ofFirstShard(found) : ofOtherShard(found, found.first)
}

/**
 * Judges without a storage that remembers the job: a ledger that was lost is a job that begins.
 */
export function judgeAlone(
  { shard, ledger, first }: Pick<Findings, 'shard' | 'ledger' | 'first'>,
  abandoned: ReadonlySet<string>,
): Verdict {
  if (shard > 0 && first === null) return { type: 'conflict', lineages: [] }
  const stands = ledger !== null && (shard === 0 ? !abandoned.has(ledger) : ledger === first)
  if (stands) return { type: 'resume', lineage: ledger, sequence: 0, marked: true }
  return { type: 'begin', lineage: shard === 0 ? null : first, sequence: 0 }
}

function ofFirstShard({ ledger, marks, abandoned }: Findings): Verdict {
  const begun = marks.filter((mark) => mark.begun.size > 0)
  const latest = Math.max(0, ...begun.map(({ sequence }) => sequence))
  const own = newestOf(marks, ledger)
  const rivals = begun.filter(({ sequence, lineage }) => sequence === latest && lineage !== ledger)
  const superseding = own === undefined ? rivals : rivals.filter(({ sequence }) => sequence >= own.sequence)
  if (own !== undefined && superseding.length === 0 && !abandoned.has(own.lineage)) return resume(own, 0)
  const standing = new Set([...(ledger === null ? [] : [ledger]), ...superseding.map(({ lineage }) => lineage)])
  const lineages = [...standing].filter((lineage) => !abandoned.has(lineage))
  if (lineages.length > 0) return { type: 'conflict', lineages: [...standing] }
  return { type: 'begin', lineage: null, sequence: 1 + Math.max(latest, own?.sequence ?? 0) }
}

/** @param first null if shard 0 has no entry, which its own check reports */
function ofOtherShard({ shard, ledger, marks, abandoned }: Findings, first: string | null): Verdict {
  const current = newestOf(marks, first)
  if (first === null || current === undefined) return { type: 'conflict', lineages: first === null ? [] : [first] }
  if (ledger === first) return resume(current, shard)
  // It has begun under shard 0's lineage, and its entry is gone or belongs to an older lineage.
  if (current.begun.has(shard)) return { type: 'conflict', lineages: [first] }
  const old = newestOf(marks, ledger)
  const superseded = ledger === null || abandoned.has(ledger) || (old !== undefined && old.sequence < current.sequence)
  if (superseded) return { type: 'begin', lineage: first, sequence: current.sequence }
  return { type: 'conflict', lineages: [ledger] }
}

function newestOf(marks: readonly LineageMark[], lineage: string | null): LineageMark | undefined {
  const same = marks.filter((mark) => mark.lineage === lineage)
  return same.sort((a, b) => b.sequence - a.sequence)[0]
}

function resume({ lineage, sequence, begun }: LineageMark, shard: number): Verdict {
  return { type: 'resume', lineage, sequence, marked: begun.has(shard) }
}
