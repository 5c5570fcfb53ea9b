/**
 * Keeps ledger and storage to one history: compares them before anything is written, and marks a
 * lineage in the storage around its first entry in the ledger (order: checkpoint/lineageMarks.ts).
 */
import { judge, judgeAlone, type Verdict } from '../checkpoint/lineage.ts'
import { putMark, readMarks } from '../checkpoint/lineageMarks.ts'
import { parseSnapshotKey, snapshotPrefix } from '../checkpoint/names.ts'
import { sleep } from '../clock.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, RetriableError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import type { Claim } from './takeOver.ts'

export interface LineageCheck {
  /**
   * Compares what both say now and disturbs nobody. Rejects with Corrupted LINEAGE_MISMATCH if they
   * still disagree after a while: a first start may be under way, or a broker may not know the
   * ledger topic yet.
   */
  agree(): Promise<void>
  /**
   * Entry to resume, or null if the job begins, perhaps anew. Call it with the ledger's entry after
   * a fence. Rejects with Retriable HISTORY_MOVED if ledger and storage disagree, since they agreed
   * a moment ago.
   */
  standing(entry: LedgerEntry | null): Promise<LedgerEntry | null>
  /** The lineage that begins. */
  lineage(): string
  /** Must be called right before the first entry of a lineage is committed. */
  intend(): Promise<void>
  /**
   * Must be called once the ledger has an entry of the lineage, before the first record. Rejects
   * with Corrupted LINEAGE_MISMATCH.
   */
  begun(entry: LedgerEntry): Promise<void>
}

export interface LineageParts {
  readonly attempt: OwnedAttempt
  readonly session: LedgerSession
  readonly storage: CheckpointStorage
  readonly claim: Claim
  /** Place of the ledger. */
  readonly place: string
  readonly abandoned: readonly string[]
}

/** How often a disagreement is looked at again, and after how long each time, ms. */
const looks = 20
const pause = 250

export function lineageCheck({ attempt, session, storage, claim, place, abandoned }: LineageParts): LineageCheck {
  const { job, shard, clock, signal } = attempt
  /** Snapshots are in the ledger: nothing else remembers the job, and nothing can be compared. */
  const alone = storage.inLedger === true
  const marksOf = async () => (alone ? [] : readMarks(storage, job))
  let verdict: Verdict = { type: 'conflict', lineages: [] }
  /** The lineage of the entry that was judged; undefined: none was. */
  let judgedOn: string | null | undefined

  async function judged(entry: LedgerEntry | null, first: LedgerEntry | null): Promise<Verdict> {
    const found = { shard, ledger: entry?.lineage ?? null, first: first?.lineage ?? null }
    judgedOn = found.ledger
    const over = new Set(abandoned)
    const verdict = alone ? judgeAlone(found, over) : judge({ ...found, marks: await marksOf(), abandoned: over })
    return beginsAgain(verdict) ? { type: 'conflict', lineages: [] } : verdict
  }

  /**
   * Ledger and storage may lose a job together, such as with their common folder; an earlier
   * attempt of this execution still knows of it.
   */
  const beginsAgain = (verdict: Verdict): boolean =>
    verdict.type === 'begin' && claim.lineage !== undefined && (verdict.lineage ?? claim.lineage) === claim.lineage

  const firstEntry = async () => (shard === 0 ? null : session.readFirst())
  const lineage = () => (verdict.type === 'begin' ? verdict.lineage : null) ?? attempt.execution

  async function refusal(entry: LedgerEntry | null, lineages: readonly string[]): Promise<CorruptedError> {
    if (lineages.length === 0 && claim.lineage !== undefined) return forgotten(attempt, place, storage, claim.lineage)
    const keys = alone ? [] : await storage.list(snapshotPrefix(job, shard))
    const newest = Math.max(-1, ...keys.map((key) => parseSnapshotKey(key)?.checkpoint ?? -1))
    const begun = (await marksOf()).filter((mark) => mark.begun.has(shard)).map(({ lineage }) => lineage)
    const ledger = { place, lineages: entry === null ? [] : [entry.lineage], checkpoint: entry?.checkpoint ?? -1 }
    return mismatch(attempt, ledger, { place: storage.place, lineages: begun, checkpoint: newest }, lineages)
  }

  return {
    async agree() {
      for (let left = looks; ; left--) {
        const [first, entry] = [await firstEntry(), await session.read()]
        if (shard > 0 && first === null) return
        verdict = await judged(entry, first)
        if (verdict.type !== 'conflict') return
        if (left === 0) throw await refusal(entry, verdict.lineages)
        await sleep(clock, pause, signal)
      }
    },
    async standing(entry) {
      // The storage's verdict on a lineage changes only with the ledger, or by outside
      // interference.
      if (judgedOn !== (entry?.lineage ?? null)) verdict = await judged(entry, await firstEntry())
      if (verdict.type === 'conflict') throw moved(place)
      return verdict.type === 'resume' ? entry : null
    },
    lineage,
    async intend() {
      if (alone || verdict.type !== 'begin' || shard > 0) return
      await putMark(storage, job, { sequence: verdict.sequence, lineage: lineage(), kind: 'intended' }, place)
    },
    async begun(entry) {
      claim.lineage = entry.lineage
      if (alone || verdict.type === 'conflict' || (verdict.type === 'resume' && verdict.marked)) return
      const begins = verdict.type === 'begin' && shard === 0
      await putMark(storage, job, { sequence: verdict.sequence, lineage: entry.lineage, kind: shard }, place)
      if (!begins) return
      // Another first start, with the same storage and another ledger, may have done the same
      // meanwhile.
      verdict = await judged(entry, null)
      if (verdict.type === 'conflict') throw await refusal(entry, verdict.lineages)
    },
  }
}

function forgotten(
  { job, shard }: Pick<OwnedAttempt, 'job' | 'shard'>,
  ledger: string,
  storage: CheckpointStorage,
  lineage: string,
): CorruptedError {
  const what = `this run of the job has lineage ${lineage}, and neither ${ledger} nor ${storage.place} has it any more`
  return new CorruptedError('LINEAGE_MISMATCH', what, {
    where: { job, shard },
    hint: 'Restore what is missing, then start the job again. Without that a new start begins anew, and processes again what was processed',
  })
}

interface Side {
  readonly place: string
  readonly lineages: readonly string[]
  /** Negative: none. */
  readonly checkpoint: CheckpointId
}

function mismatch(
  { job, shard }: Pick<OwnedAttempt, 'job' | 'shard'>,
  ledger: Side,
  storage: Side,
  lineages: readonly string[],
): CorruptedError {
  const what = `the ledger and the storage have different histories of the job: ${shown(ledger)}; ${shown(storage)}`
  const abandon = `abandonLineage: [${lineages.map((lineage) => `'${lineage}'`).join(', ')}]`
  return new CorruptedError('LINEAGE_MISMATCH', what, {
    where: { job, shard },
    hint: `Start the job with the cluster, transactionalIdPrefix, guarantee and storage of its last run, or restore what is missing. To start over on purpose, without its state and offsets, pass ${abandon} to execute once`,
  })
}

function shown({ place, lineages, checkpoint }: Side): string {
  if (lineages.length === 0) return `${place} has no lineage${checkpoint < 0 ? '' : `, but checkpoint ${checkpoint}`}`
  const newest = checkpoint < 0 ? 'no checkpoint' : `checkpoint ${checkpoint}`
  return `${place} has lineage ${lineages.join(', ')} and ${newest}`
}

function moved(place: string): RetriableError {
  return new RetriableError('HISTORY_MOVED', `${place} changed while the job was starting`, {
    hint: 'Another start of the job is in progress; the next attempt reads both again',
  })
}
