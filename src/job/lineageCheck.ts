/**
 * Keeps ledger and storage to one history: compares them before anything is written, and marks a
 * lineage in the storage around its first entry in the ledger (order: checkpoint/lineageMarks.ts).
 * In a job with a plan, planning.ts does so for all shards; a shard then only checks that its own
 * entry belongs to the lineage of the plan.
 */
import { judge, judgeAlone, type Verdict } from '../checkpoint/lineage.ts'
import { putMark, readMarks } from '../checkpoint/lineageMarks.ts'
import { parseSnapshotKey, snapshotPrefix } from '../checkpoint/names.ts'
import { sleep } from '../clock.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, RetriableError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import {
  hasBegunFrom,
  lineageFrom,
  lineageStands,
  type SavepointOrigin,
  savepointMissing,
} from './savepoints/savepointStart.ts'

/** What the ledger says of the history of the job. */
export interface History {
  readonly lineage: string
  /** Last checkpoint, if it is known. */
  readonly checkpoint?: CheckpointId
  /** True if its plan is gone, so that it cannot be resumed. */
  readonly unplanned?: boolean
  /** Shards without an entry of it; they must not have begun. */
  readonly missing?: readonly number[]
}

export interface LineageCheck {
  /**
   * Compares what both say now and disturbs nobody. Rejects with Corrupted LINEAGE_MISMATCH if they
   * still disagree after a while: a first start may be under way, or a broker may not know the
   * ledger topic yet.
   */
  agree(): Promise<void>
  /**
   * True if the history is to be resumed, false if the job begins, perhaps anew. Call it with what
   * the ledger says after a fence. Rejects with Retriable HISTORY_MOVED if ledger and storage
   * disagree, since they agreed a moment ago.
   */
  resumes(history: History | null): Promise<boolean>
  /** The lineage that begins. */
  lineage(): string
  /** Must be called right before the first entry of a lineage is committed. */
  intend(): Promise<void>
  /**
   * Must be called once the ledger has an entry of the lineage, before the first record. Rejects
   * with Corrupted LINEAGE_MISMATCH.
   */
  begun(history: History): Promise<void>
}

export interface LineageParts {
  readonly attempt: OwnedAttempt
  readonly storage: CheckpointStorage
  /** Reads what the ledger says, without disturbing anybody. */
  readonly look: () => Promise<History | null>
  /** Kept over the attempts of an execution: lineage under which it has read records, if it has. */
  readonly memory: { lineage?: string }
  /** Place of the ledger. */
  readonly place: string
  readonly abandoned: readonly string[]
  /** Savepoint from which the job is to begin. Default: none. */
  readonly origin?: SavepointOrigin | null | undefined
}

/** How often a disagreement is looked at again, and after how long each time, ms. */
const looks = 20
const pause = 250

export function lineageCheck(parts: LineageParts): LineageCheck {
  const { attempt, storage, memory, place, abandoned, origin = null } = parts
  const { job } = attempt
  /** Snapshots are in the ledger: nothing else remembers the job, and nothing can be compared. */
  const alone = storage.inLedger === true
  let verdict: Verdict = { type: 'conflict', lineages: [] }
  /** The lineage of the history that was judged; undefined: none was. */
  let judgedOn: string | null | undefined

  async function judged(history: History | null): Promise<Verdict> {
    judgedOn = history?.lineage ?? null
    const findings = { ledger: judgedOn, abandoned: new Set(abandoned) }
    const found = alone ? judgeAlone(findings) : judge({ ...findings, marks: await readMarks(storage, job) })
    if (found.type === 'resume' && history !== null && isBroken(history, found.begun))
      return { type: 'conflict', lineages: [history.lineage] }
    // Ledger and storage may lose a job together, such as with their common folder; an earlier
    // attempt of this execution still knows of it.
    return found.type === 'begin' && memory.lineage !== undefined ? { type: 'conflict', lineages: [] } : found
  }

  const lineage = () => (origin === null ? attempt.execution : lineageFrom(attempt.execution, origin))

  /** Throws if the job goes on, and has not begun there; or if it begins, and there is nothing. */
  function mayBeginFrom(from: SavepointOrigin, history: History | null): void {
    const goesOn = verdict.type === 'resume' && history !== null
    if (goesOn && hasBegunFrom(history.lineage, from)) return
    if (from.kept === null && (goesOn || verdict.type === 'begin'))
      throw savepointMissing(from.name, from.job, from.place)
    if (!goesOn) return
    throw lineageStands(job, from, history.lineage, history.checkpoint)
  }

  async function refusal(history: History | null, lineages: readonly string[]): Promise<CorruptedError> {
    if (lineages.length === 0 && memory.lineage !== undefined) return forgotten(attempt, place, storage, memory.lineage)
    return mismatch(attempt, ledgerSide(place, history), await storageSide(attempt, storage), lineages)
  }

  return {
    agree() {
      const lineages = () => (verdict.type === 'conflict' ? verdict.lineages : [])
      const agrees = async (history: History | null) => {
        verdict = await judged(history)
        if (origin !== null) mayBeginFrom(origin, history)
        return verdict.type !== 'conflict'
      }
      return lookUntil(parts, agrees, (history) => refusal(history, lineages()))
    },
    async resumes(history) {
      // The storage's verdict on a lineage changes only with the ledger, or by outside
      // interference.
      if (judgedOn !== (history?.lineage ?? null)) verdict = await judged(history)
      if (verdict.type === 'conflict') throw historyMoved(place)
      return verdict.type === 'resume'
    },
    lineage,
    async intend() {
      if (alone || verdict.type !== 'begin') return
      await putMark(storage, job, { sequence: verdict.sequence, lineage: lineage(), kind: 'intended' }, place)
    },
    async begun(history) {
      memory.lineage = history.lineage
      if (alone || verdict.type === 'conflict' || (verdict.type === 'resume' && verdict.begun.size > 0)) return
      const begins = verdict.type === 'begin'
      await putMark(storage, job, { sequence: verdict.sequence, lineage: history.lineage, kind: 0 }, place)
      if (!begins) return
      // Another first start, with the same storage and another ledger, may have done the same
      // meanwhile.
      verdict = await judged(history)
      if (verdict.type === 'conflict') throw await refusal(history, verdict.lineages)
    },
  }
}

/** Looks at the ledger again for a while, until it agrees; then rejects with the refusal. */
async function lookUntil(
  { attempt: { clock, signal }, look }: LineageParts,
  agrees: (history: History | null) => Promise<boolean>,
  refusal: (history: History | null) => Promise<Error>,
): Promise<void> {
  for (let left = looks; ; left--) {
    const history = await look()
    if (await agrees(history)) return
    if (left === 0) throw await refusal(history)
    await sleep(clock, pause, signal)
  }
}

function isBroken({ unplanned = false, missing = [] }: History, begun: ReadonlySet<number>): boolean {
  return unplanned || missing.some((shard) => begun.has(shard))
}

/** Check of a shard whose lineage the plan knows: its entry was written together with the plan. */
export function plannedLineage(parts: LineageParts, planned: string): LineageCheck {
  const { attempt, storage, place } = parts
  const refusal = async (history: History | null) =>
    mismatch(attempt, ledgerSide(place, history), await storageSide(attempt, storage), [planned])
  return {
    agree: () => lookUntil(parts, async (history) => history?.lineage === planned, refusal),
    async resumes(history) {
      if (history?.lineage !== planned) throw historyMoved(place)
      return true
    },
    lineage: () => planned,
    async intend() {
      // The plan has begun it.
    },
    async begun() {
      // The plan has begun it.
    },
  }
}

function ledgerSide(place: string, history: History | null): Side {
  const lineages = history === null ? [] : [history.lineage]
  return { place, lineages, checkpoint: history === null ? -1 : history.checkpoint }
}

async function storageSide({ job, shard }: OwnedAttempt, storage: CheckpointStorage): Promise<Side> {
  if (storage.inLedger) return { place: storage.place, lineages: [], checkpoint: -1 }
  const keys = await storage.list(snapshotPrefix(job, shard))
  const newest = Math.max(-1, ...keys.map((key) => parseSnapshotKey(key)?.checkpoint ?? -1))
  const begun = (await readMarks(storage, job)).filter((mark) => mark.begun.size > 0)
  return { place: storage.place, lineages: begun.map(({ lineage }) => lineage), checkpoint: newest }
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
  /** Negative: none. undefined: not read. */
  readonly checkpoint: CheckpointId | undefined
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
  const none = checkpoint !== undefined && checkpoint < 0
  if (lineages.length === 0) return `${place} has no lineage${none ? '' : `, but checkpoint ${checkpoint}`}`
  const newest = none ? ' and no checkpoint' : checkpoint === undefined ? '' : ` and checkpoint ${checkpoint}`
  return `${place} has lineage ${lineages.join(', ')}${newest}`
}

/** Ledger and storage disagree, although they agreed a moment ago. */
export function historyMoved(place: string): RetriableError {
  return new RetriableError('HISTORY_MOVED', `${place} changed while the job was starting`, {
    hint: 'Another start of the job is in progress; the next attempt reads both again',
  })
}
