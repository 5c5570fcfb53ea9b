/**
 * Writes the plan by which an execution runs all shards of its job: the next number after the plan
 * that it finds, so a newer run takes over from an older one.
 *
 *   read      the plan; without one, the entries of all shards
 *   agree     ledger and storage have one history (lineageCheck.ts); disturbs nobody
 *   alone     no living process of a job with `members` is in the plan: they would take the shards
 *             back at once
 *   check     (the job begins) everything that can be refused (firstStart.ts)
 *   write     compare-and-set; the first plan together with the first entries of all shards
 *
 * A job whose shards began without a plan, under an older version, gets its first plan in the same
 * way: each entry is signed anew, and a shard that has none yet begins.
 *
 * As in takeOver.ts, the number to write is certain only once the read before it is proven. A plan
 * of somebody else with that number, or a higher one, is newer: this execution ends as Fenced.
 */
import { hostname } from 'node:os'
import { sleep } from '../clock.ts'
import type { LedgerEntry } from '../contracts/ledger.ts'
import type { Plan, PlanMember, PlannedEntries, PlanStore } from '../contracts/plan.ts'
import { movedSlots } from '../contracts/slotMoves.ts'
import { shardSlotsText } from '../contracts/slotsText.ts'
import { firstSlots } from '../contracts/slotTable.ts'
import { FatalError, RxweftError } from '../errors.ts'
import type { SourcePosition } from '../record.ts'
import type { AttemptPlan } from './attempt.ts'
import { checkedStart, firstEntry } from './firstStart.ts'
import { type History, historyMoved, lineageCheck } from './lineageCheck.ts'
import { type MoveGround, openGround, type PreparedMove, prepareMove } from './rescale/prepareMove.ts'
import { type ImportedEntry, importedEntries, planned } from './savepoints/importedEntries.ts'
import { originOf, type SavepointOrigin } from './savepoints/savepointStart.ts'
import { isStale, ownedByAnother, shardsChanged, shardsText, startsOver } from './takeOver.ts'

/** Kept over the attempts of an execution. */
export interface PlanClaim {
  /** Number of the plan to write; undefined: not certain yet. */
  number: number | undefined
  /** Lineage of the plan that it has written. */
  lineage?: string
}

export interface PlanWriterParts
  extends Pick<AttemptPlan, 'attempt' | 'pipeline' | 'storage' | 'state' | 'tell' | 'abandoned' | 'from'> {
  readonly store: PlanStore
  readonly claim: PlanClaim
  /**
   * This member among others: a plan that exists is left as it is. Default: the execution is alone,
   * and takes everything over.
   */
  readonly joins?: PlanMember | undefined
  /** Moves slots if the job has another number of shards. Default: that is refused. */
  readonly rescales?: boolean | undefined
}

/** What was found: the plan, or without one the entries of all shards. */
interface Found {
  readonly plan: Plan | null
  readonly entries: readonly (LedgerEntry | null)[]
  /** Number of shards of the job; undefined: it has none yet. */
  readonly shards: number | undefined
}

const tries = 8

/**
 * Resolves with the plan once it is certain to be the current one. Rejects with Fenced
 * OWNED_BY_ANOTHER, Fatal SHARDS_CHANGED or JOB_HAS_MEMBERS, Corrupted LINEAGE_MISMATCH, whatever
 * refuses a first start, and errors of the store.
 */
export async function writePlan(parts: PlanWriterParts): Promise<Plan> {
  const { attempt, storage, store, claim, abandoned, rescales = false } = parts
  const { execution: me, shards, clock, signal } = attempt
  let found: Found = { plan: null, entries: [], shards: undefined }
  let start: Promise<readonly SourcePosition[]> | undefined
  let ground: Promise<MoveGround> | undefined
  let number = claim.number
  let imported: Promise<readonly ImportedEntry[]> | undefined
  const origin = await originOf(parts.from, attempt.job, storage)
  // An attempt opens the parts of the job once; for another purpose, the next attempt does.
  const startOnce = () => {
    if (ground !== undefined || imported !== undefined) throw historyMoved(store.place)
    start ??= checkedStart(parts).then(({ positions }) => positions)
    return start
  }
  const importOnce = (from: SavepointOrigin, { slots, lineage }: Plan) => {
    if (start !== undefined || ground !== undefined) throw historyMoved(store.place)
    imported ??= importedEntries(parts, from, slots, lineage)
    return imported
  }
  const groundOnce = (slots: readonly number[]) => {
    if (start !== undefined || imported !== undefined) throw historyMoved(store.place)
    ground ??= openGround(parts, slots)
    return ground
  }

  async function look(): Promise<History | null> {
    found = await foundIn(store, shards)
    const { shards: before = shards } = found
    if (before !== shards && !rescales) throw shardsChanged(shardsText(before), shards)
    return historyOf(found)
  }
  const lineage = lineageCheck({ attempt, storage, look, memory: claim, place: store.place, abandoned, origin })

  /** Slots of the plan that was found, if it is one for as many shards. */
  const keptSlots = () => (found.shards === shards ? found.plan?.slots : undefined)

  /** The plan that gives everything to this execution. */
  function planOf(given: number, of: string, slots: readonly number[]): Plan {
    const owners = Array.from({ length: shards }, () => me)
    const members = { [me]: parts.joins ?? { instance: hostname(), groupMember: null } }
    return { number: given, lineage: of, slots, owners, members }
  }

  /** The move of slots that another number of shards needs; null: none. */
  async function moveFor(history: History | null, resumes: boolean): Promise<PreparedMove | null> {
    const { plan, shards: before = shards } = found
    if (history === null || !resumes || before === shards) return null
    const slots = plan?.slots ?? firstSlots(before)
    const after = movedSlots(slots, shards)
    return prepareMove(parts, await groundOnce(after), { lineage: history.lineage, before: slots, after })
  }

  async function write(given: number): Promise<Plan> {
    const history = historyOf(found)
    const resumes = await lineage.resumes(history)
    const move = await moveFor(history, resumes)
    const of = history !== null && resumes ? history.lineage : lineage.lineage()
    const next = planOf(given, of, move?.slots ?? keptSlots() ?? firstSlots(shards))
    const entries = move?.entries(next, () => me) ?? (await entriesWithout(next, resumes))
    signal.throwIfAborted()
    await lineage.intend()
    await store.write(next, entries, () => {
      claim.number = given
    })
    return next
  }

  /** Entries if no slots move: none, unless the plan is the first one. */
  async function entriesWithout(next: Plan, resumes: boolean): Promise<PlannedEntries | undefined> {
    return resumes && found.plan !== null ? undefined : allEntries(next, resumes)
  }

  /** Entries of all shards for a first plan: those that stand, signed anew, or the first ones. */
  async function allEntries(next: Plan, resumes: boolean): Promise<PlannedEntries> {
    const of = Array.from({ length: shards }, (_, shard) => shard)
    const begins = !resumes || found.entries.some((entry) => entry?.lineage !== next.lineage)
    const former = begins && origin !== null ? await importOnce(origin, next) : null
    const positions = begins && former === null ? await startOnce() : null
    const entryOf = (shard: number, current: LedgerEntry | null): LedgerEntry => {
      if (!expected(shard, current)) throw historyMoved(store.place)
      const kept = resumes && current?.lineage === next.lineage ? current : null
      if (kept !== null) return { ...kept, owner: me, plan: next.number, slots: shardSlotsText(next.slots, shard) }
      const first = former?.[shard]
      if (first !== undefined) return planned(first, next, shard, me)
      if (positions === null) throw historyMoved(store.place)
      return firstEntry(next, shard, me, positions, parts.pipeline)
    }
    return {
      shards: of,
      replace: (standing) => new Map(of.map((shard) => [shard, entryOf(shard, standing.get(shard) ?? null)])),
    }
  }

  /** Whether a fenced entry is of the history that was looked at: nobody has begun meanwhile. */
  function expected(shard: number, current: LedgerEntry | null): boolean {
    const { plan, entries } = found
    if (plan === null) {
      const seen = entries[shard] ?? null
      return seen?.lineage === current?.lineage && seen?.slots === current?.slots
    }
    return current === null || current.lineage === plan.lineage || abandoned.includes(current.lineage)
  }

  for (let left = tries; ; left--) {
    signal.throwIfAborted()
    try {
      await lineage.agree()
      const { plan } = found
      if (plan !== null && parts.joins !== undefined) return plan
      const living = plan === null ? [] : ((await store.living?.(plan)) ?? [])
      if (living.length > 0) throw jobHasMembers(living, store.place)
      const mine = found.shards === shards && (plan?.owners.every((owner) => owner === me) ?? false)
      number ??= (plan?.number ?? 0) + 1
      if (!mine && plan !== null && plan.number >= number)
        throw ownedByAnother(
          me,
          plan.owners.find((one) => one !== me),
        )
      const written = mine && plan !== null ? plan : await write(number)
      await lineage.begun(written)
      return written
    } catch (thrown) {
      if (!(startsOver(thrown) || isOvertaken(thrown)) || left <= 1) throw thrown
      // The first read may be as stale as the one that has been found to be.
      if (isStale(thrown)) number = claim.number
      await sleep(clock, 50 + Math.random() * 200, signal)
    }
  }
}

async function foundIn(store: PlanStore, shards: number): Promise<Found> {
  const plan = await store.read()
  if (plan !== null) return { plan, entries: [], shards: plan.owners.length }
  const entries = await Promise.all(Array.from({ length: shards }, (_, shard) => store.entry(shard)))
  const [first = null] = entries
  const unplanned = first !== null && first.slots === undefined
  return { plan, entries, shards: unplanned ? (first.shards ?? 1) : undefined }
}

/** Entries that were signed under a plan cannot be resumed without it. */
function historyOf({ plan, entries }: Found): History | null {
  if (plan !== null) return { lineage: plan.lineage }
  const [first = null] = entries
  if (first === null) return null
  const { lineage, checkpoint } = first
  const unplanned = entries.some((entry) => entry?.slots !== undefined)
  const missing = entries.flatMap((entry, shard) => (entry?.lineage === lineage ? [] : [shard]))
  return { lineage, checkpoint, unplanned, missing }
}

/** Whether somebody else has written meanwhile: what he has written is to be read. */
function isOvertaken(thrown: unknown): boolean {
  return thrown instanceof RxweftError && (thrown.code === 'PLAN_CHANGED' || thrown.code === 'HISTORY_MOVED')
}

function jobHasMembers(living: readonly string[], place: string): FatalError {
  const names = [...living].sort().map((name) => `"${name}"`)
  return new FatalError('JOB_HAS_MEMBERS', `the job runs in ${names.join(', ')}, by the plan in ${place}`, {
    hint: 'Start this process with `members` too, and it gets a part of the shards. To run the job without them, stop it first. A process that was killed counts as running until its session is over, 10 s by default',
  })
}
