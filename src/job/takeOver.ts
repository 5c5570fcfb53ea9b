/**
 * Takeover: an execution becomes the owner of its shard, by compare-and-set on the number in the
 * ledger entry under which its owner has signed.
 *
 *   read    may I?                               disturbs nobody; left out if the keeper of the
 *                                                shard has just seen that it is free
 *   fence   both transactional ids, then read    the owner before can commit nothing any more
 *   commit  the same entry, signed by me under p   on id 0. The session first proves that its read
 *                                                was complete
 *   fence   again, then read                     the winner gets both ids; owner still me -> go
 *
 *   may I take e over under p:   e.plan < p,  or  e.plan = p and (e.owner = me or e.released = p)
 *
 * Where p comes from:
 *
 *   job with a plan      the number of the newest plan known to give the shard to this execution
 *                        (planning.ts); a plan names one owner for each shard
 *   job without a plan   the number of the entry that is read first, plus one. A deposed broker may
 *                        answer a read without knowing that it is deposed, so until that read is
 *                        proven, each attempt of this execution reads it again, and so it does
 *                        when the session finds the read stale (LEDGER_READ_STALE)
 *
 * Anybody else who has signed under p or more is newer: this execution ends as Fenced. A restarted
 * attempt that slept through its replacement finds the same, before it fences anybody. An execution
 * that has signed expects exactly its own signature: anything older is a stale read.
 *
 * Genesis of a job without a plan is committed in the same way, but later: recover.ts first checks
 * everything that can be refused, then calls this a second time. Genesis of a job with a plan is
 * committed together with its first plan, so its shards always find an entry.
 *
 * Why this is safe:
 *
 * (1) For one shard and one p, at most one execution takes over. A plan names one owner. Without a
 * plan, two executions with the same p compare and set: the second one finds p signed.
 *
 * (2) So the numbers under which a shard is signed never fall, and whoever has been replaced can
 * only come back under a newer plan: no two executions replace each other in turn.
 *
 * (3) Late starters. An execution with an older plan may still win a race against one that has not
 * signed yet. The newer one then takes over from it as from any other: time is lost, nothing else.
 *
 * (4) The fences of each shard guard its records all the while. A plan decides who may try, never
 * what counts. A shard reads its own entry only: it needs no plan while it runs or restarts.
 */

import type { AttemptContext } from '../attempt.ts'
import { sleep } from '../clock.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import type { Plan } from '../contracts/plan.ts'
import { shardSlotsText } from '../contracts/slotsText.ts'
import { FatalError, FencedError, RetriableError, RxweftError } from '../errors.ts'

/** Claim of an execution to a shard, kept over its attempts. */
export interface Claim {
  readonly me: string
  readonly shard: number
  /** Slots of the shard, as in ledger entries; undefined in a job without a plan. */
  readonly slots: string | undefined
  /** Number to sign under; undefined: not certain yet, in a job without a plan. */
  number: number | undefined
  /** True if this execution is known to have signed. */
  signed: boolean
  /**
   * Called when everything is open. Resolves when the shard may be taken over. Default: at once.
   */
  readonly admitted?: (() => Promise<Admission>) | undefined
  /** Called when the state is loaded ahead, as far as it can be, while `admitted` waits. */
  readonly loaded?: (() => void) | undefined
  /**
   * Number of the plan under which the final checkpoint lets the shard go. Default: the one under
   * which it was taken over, if a plan admits executions; otherwise none.
   */
  releases?: number | undefined
  /**
   * Lineage under which an attempt of this execution has read records, or that of the plan;
   * undefined if neither. See lineageCheck.ts.
   */
  lineage?: string
}

/** Permission to take a shard over. */
export interface Admission {
  /** Number of the plan that gives it. */
  readonly number: number
  /** Whether the ledger has just said that nobody runs the shard. */
  readonly free: boolean
}

/** Claim of an execution that has not read the ledger. */
export function claimOf(me: string, shard = 0, plan?: Plan): Claim {
  if (plan === undefined) return { me, shard, slots: undefined, number: undefined, signed: false }
  const { number, lineage, slots } = plan
  return { me, shard, slots: shardSlotsText(slots, shard), number, signed: false, lineage }
}

const tries = 8

/**
 * @param inherit makes the new entry from the current one, or from null. If it returns null,
 *   nothing is written: the ledger is fenced and has no entry yet, and genesis follows in a second
 *   call once everything else has been checked. The signature is added here.
 *
 *   Rejects with Fenced OWNED_BY_ANOTHER, with Fatal SHARDS_CHANGED, with errors of the session,
 *   or, once the attempt is over, with the reason of its signal.
 * @param seen whether the ledger has just been read and allows it, so that the first try fences at
 *   once
 */
export async function takeOver(
  session: LedgerSession,
  claim: Claim,
  inherit: (entry: LedgerEntry | null) => Promise<LedgerEntry | null>,
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  seen = false,
): Promise<LedgerEntry | null> {
  const taking = { ...claim }
  const known = (): void => {
    claim.number = taking.number
  }
  for (let left = tries; ; left--) {
    signal.throwIfAborted()
    try {
      if (!seen || left < tries) await look(session, taking)
      signal.throwIfAborted()
      const entry = await session.fence()
      mayTakeOver(taking, entry)
      const mine = await inherit(entry)
      // A cancelled run must not become the owner: it would fence the run started after it.
      signal.throwIfAborted()
      if (mine === null) return null
      await session.commit({ ...mine, ...signature(taking) }, true, known)
      known()
      claim.signed = taking.signed = true
      return signedByMe(claim, await session.fence())
    } catch (thrown) {
      if (!startsOver(thrown) || left <= 1) throw thrown
      await sleep(clock, 50 + Math.random() * 200, signal)
      // The first read may be as stale as the read after the fence.
      if (isStale(thrown)) taking.number = claim.number
    }
  }
}

/**
 * What an owner adds to the entries that it writes.
 *
 * @param final the last entry before the owner ends. Among members it lets the shard go, so that
 *   the others, and a savepoint of the stopped job, see that the shard is at rest
 */
export function signature(
  { me, number, slots, admitted, releases = admitted && number }: Claim,
  final = false,
): Pick<LedgerEntry, 'owner' | 'plan' | 'slots' | 'released'> {
  const released = final ? releases : undefined
  return { owner: me, plan: released ?? number, slots, released }
}

/** Decides under which number to sign, unless that is known, and checks that it is allowed. */
async function look(session: LedgerSession, taking: Claim): Promise<void> {
  const seen = await session.read()
  if (taking.number === undefined) taking.number = (seen?.plan ?? 0) + 1
  mayTakeOver(taking, seen)
}

/**
 * Whether to begin again with the read. Fenced means that another execution is starting too; only
 * the ledger can tell which one owns the shard.
 */
export function startsOver(thrown: unknown): boolean {
  if (!(thrown instanceof RxweftError)) return false
  return isStale(thrown) || (thrown.consequence === 'fenced' && thrown.code !== 'OWNED_BY_ANOTHER')
}

export function isStale(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'LEDGER_READ_STALE'
}

/**
 * Rejects with Fenced OWNED_BY_ANOTHER if a newer execution has taken over; with Retriable
 * LEDGER_READ_STALE if the read was stale.
 */
export async function stillOwner(session: LedgerSession, claim: Claim): Promise<void> {
  signedByMe(claim, await session.read())
}

function mayTakeOver(claim: Claim, entry: LedgerEntry | null): void {
  // An empty ledger has no owner. Whether it may be empty is checked against the storage
  // (lineageCheck.ts).
  if (entry === null) return
  sameKind(claim, entry)
  if (claim.signed) signedByMe(claim, entry)
  const { me, number = 0 } = claim
  const { plan = 0, owner, released } = entry
  if (plan < number || (plan === number && (owner === me || released === plan))) return
  throw ownedByAnother(me, owner)
}

/** The execution has signed: an older entry is stale. */
function signedByMe(claim: Claim, entry: LedgerEntry | null): LedgerEntry {
  const { me, number = 0 } = claim
  if (entry === null || (entry.plan ?? 0) < number) throw olderThanMine()
  if (entry.plan === number && entry.owner === me) return entry
  throw ownedByAnother(me, entry.owner)
}

/** A job with a plan signs its entries with slots; one without a plan has one shard. */
function sameKind({ slots }: Claim, entry: LedgerEntry): void {
  const before = entry.shards ?? 1
  if (slots === undefined && entry.slots !== undefined) throw startedWithoutPlan()
  if (slots === undefined && before !== 1) throw shardsChanged(shardsText(before), 1)
  if (slots !== undefined && entry.slots === undefined) throw shardsChanged(shardsText(before), 'several')
}

/** @param count shards of the job, by its plan; undefined: unknown */
export function startedWithoutPlan(count?: number): FatalError {
  if (count !== 1) return shardsChanged(count === undefined ? 'several shards' : shardsText(count), 1)
  return new FatalError('SHARDS_CHANGED', 'the job was run with `members`, but was started without', {
    hint: 'Start the job with `members`, also if one process is enough. Without them it needs another job name',
  })
}

/** @param before shards of the job, such as "2 shards" @param now as started */
export function shardsChanged(before: string, now: number | string): FatalError {
  return new FatalError('SHARDS_CHANGED', `the job has ${before}, but was started with ${now}`, {
    hint: `Start the job with ${before}. To move the job to another number of shards, start it with rescale: 'at-start' as well`,
  })
}

export function shardsText(shards: number): string {
  return shards === 1 ? '1 shard' : `${shards} shards`
}

function olderThanMine(): RetriableError {
  return new RetriableError(
    'LEDGER_READ_STALE',
    'the ledger was read without an entry that this execution has signed',
    {
      hint: 'A broker does not know the latest leader; the next attempt reads the ledger again',
    },
  )
}

/** @param owner null or undefined: nobody is named */
export function ownedByAnother(me: string, owner: string | null | undefined): FencedError {
  return new FencedError('OWNED_BY_ANOTHER', `execution ${owner} has taken over from ${me}`, {
    hint: 'A newer run of this job is the owner. This run has ended and writes nothing more',
  })
}
