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
 * All shards of a job begin, and begin anew, at one moment: with the plan, or with the entry of the
 * only shard.
 */
import type { LineageMark } from './lineageMarks.ts'

export interface Findings {
  /** Lineage of the plan, or of the ledger entry; null without either. */
  readonly ledger: string | null
  readonly marks: readonly LineageMark[]
  readonly abandoned: ReadonlySet<string>
}

export type Verdict =
  /** @param begun shards in which the storage has marked its beginning; empty: not marked yet */
  | { readonly type: 'resume'; readonly sequence: number; readonly begun: ReadonlySet<number> }
  | { readonly type: 'begin'; readonly sequence: number }
  /** The conflicting lineages. */
  | { readonly type: 'conflict'; readonly lineages: readonly string[] }

/**
 * Judges without a storage that remembers the job: a ledger that was lost is a job that begins.
 */
export function judgeAlone({ ledger, abandoned }: Pick<Findings, 'ledger' | 'abandoned'>): Verdict {
  if (ledger === null || abandoned.has(ledger)) return { type: 'begin', sequence: 0 }
  return { type: 'resume', sequence: 0, begun: new Set([0]) }
}

export function judge({ ledger, marks, abandoned }: Findings): Verdict {
  const begun = marks.filter((mark) => mark.begun.size > 0)
  const latest = Math.max(0, ...begun.map(({ sequence }) => sequence))
  const own = newestOf(marks, ledger)
  const rivals = begun.filter(({ sequence, lineage }) => sequence === latest && lineage !== ledger)
  const superseding = own === undefined ? rivals : rivals.filter(({ sequence }) => sequence >= own.sequence)
  if (own !== undefined && superseding.length === 0 && !abandoned.has(own.lineage))
    return { type: 'resume', sequence: own.sequence, begun: own.begun }
  const standing = new Set([...(ledger === null ? [] : [ledger]), ...superseding.map(({ lineage }) => lineage)])
  const lineages = [...standing].filter((lineage) => !abandoned.has(lineage))
  if (lineages.length > 0) return { type: 'conflict', lineages: [...standing] }
  return { type: 'begin', sequence: 1 + Math.max(latest, own?.sequence ?? 0) }
}

function newestOf(marks: readonly LineageMark[], lineage: string | null): LineageMark | undefined {
  const same = marks.filter((mark) => mark.lineage === lineage)
  return same.sort((a, b) => b.sequence - a.sequence)[0]
}
