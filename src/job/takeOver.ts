/**
 * How an execution becomes the owner of its shard: compare and set on the ledger's `owner`.
 *
 *   read    whom do I take over from?            (once per execution, disturbs nobody)
 *   fence   both transactional ids, then read    whoever was there can commit nothing any more
 *   commit  the entry again, owner = me          on id 0; of two that start at once, at most one gets through. Before the
 *                                                decision the session proves that its fence has read the whole past
 *   fence   again, then read                     the winner gets both ids; owner still me -> go
 *
 * A read may be answered by a broker that was deposed and does not know it. So whom I take over
 * from is only known, and kept for my next attempts, once that is proven; until then each attempt
 * reads it anew, and so do I where the session finds out (LEDGER_READ_STALE).
 *
 * Genesis is committed in the same way, but later: recover.ts first checks everything that can be
 * refused, and then comes a second time.
 *
 * An owner that is neither me nor the one that I meant to take over from is a newer execution: I
 * end as Fenced. That is also what a restarted attempt finds that slept through its replacement,
 * and it finds it before it has fenced anybody.
 *
 * With several shards, shard 0 decides for all of them, and the others start once it has:
 *
 *   shard 0   as above; its first entry also says how many shards there are, and that never changes
 *   shard k   whose is the job? asked of shard 0's entry, before the fence and after it; then as above, whoever owned shard k before
 *
 * Why that is safe. (1) Of two starts with different numbers at most one gets genesis of shard 0
 * through. Each later one finds its entry before it has written or fenced anything, and ends; the
 * other of the two finds it at the latest after its fence, and before its commit (the winner, if it
 * was fenced by that, tries again). No shard k runs before its shard 0 has got through, so none
 * ever runs under another number, and every partition has one shard for ever. (2) The owners of
 * shard 0 follow one another and none comes back, so of the shards k of two executions only those
 * of the later one find themselves named there: no two can replace each other in turn. (3) An older
 * shard k that asked just before its shard 0 was replaced may still become the owner of k; then the
 * newer one, which starts later, takes over from it as from any other, or finds out after its own
 * commit and tries again. (4) What shard k reads of shard 0 may be long past, and nothing proves
 * it: an older owner does not end it at once, and one that is believed for too long costs time, as
 * in (3). Each shard's records are guarded by its own fences all the while; only time is lost.
 */

import type { AttemptContext } from '../attempt.ts'
import { sleep } from '../clock.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import { FatalError, FencedError, RetriableError, RxweftError } from '../errors.ts'

/**
 * Whom this execution may take over from; kept over its attempts. `undefined`: not known for
 * certain; null: nobody, genesis.
 */
export interface Claim {
  readonly me: string
  readonly shard: number
  readonly shards: number
  predecessor: string | null | undefined
  /**
   * The lineage that an attempt of this execution has read records under; undefined: none has yet.
   * See lineageCheck.ts.
   */
  lineage?: string
}

/**
 * What an execution may claim that has not read the ledger. Of shards other than 0 it may take over
 * from anybody, as long as it owns shard 0.
 */
export function claimOf(me: string, shard = 0, shards = 1): Claim {
  return { me, shard, shards, predecessor: shard === 0 ? undefined : me }
}

const tries = 8

/**
 * How often the entry of shard 0 is read again where it names another owner, and after how long
 * each time, ms.
 */
const looks = 10
const pause = 250

/**
 * @param inherit makes the entry that I own from the one that is there, or from null. Where it
 *   returns null, nothing is written: the ledger is fenced and has nothing to own yet, and genesis
 *   follows by a second call once everything else has been checked.
 * @returns the entry to resume from, or null where `inherit` returned null. Rejects with Fenced
 *   OWNED_BY_ANOTHER, with Fatal SHARDS_CHANGED, or with what the session rejects with; once the
 *   attempt is over, with the reason of its signal.
 */
export async function takeOver(
  session: LedgerSession,
  claim: Claim,
  inherit: (entry: LedgerEntry | null) => Promise<LedgerEntry | null>,
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
): Promise<LedgerEntry | null> {
  const taking = { ...claim }
  const known = (): void => {
    claim.predecessor = taking.predecessor
  }
  const first = () => firstEntry(session, claim, { clock, signal })
  await look(session, taking, first)
  for (let left = tries; ; left--) {
    signal.throwIfAborted()
    try {
      const entry = await session.fence()
      mayTakeOver(taking, claim.shard === 0 ? entry : await first())
      const mine = await inherit(entry)
      // A run that was cancelled in the meantime must not become the owner: who started after it
      // would end as Fenced.
      signal.throwIfAborted()
      if (mine === null) return null
      await session.commit(mine, true, known)
      const settled = await session.fence()
      if (settled?.owner !== claim.me) throw overtaken(claim, settled)
      claim.predecessor = claim.me
      return settled
    } catch (thrown) {
      if (!startsOver(thrown) || left <= 1) throw thrown
      await sleep(clock, 50 + Math.random() * 200, signal)
      // What was read first may be as old as what the fence has read.
      if (isStale(thrown)) taking.predecessor = claim.predecessor
      await look(session, taking, first)
    }
  }
}

/** Reads whom to take over from, if that is not known, and whether that may be. */
async function look(session: LedgerSession, taking: Claim, first: () => Promise<LedgerEntry | null>): Promise<void> {
  const seen = await session.read()
  if (taking.predecessor === undefined) taking.predecessor = seen?.owner ?? null
  mayTakeOver(taking, taking.shard === 0 ? seen : await first())
}

/**
 * The entry of shard 0. Where it names another owner, that may be one of long ago, so it is read
 * again for a while.
 */
async function firstEntry(
  session: LedgerSession,
  { me }: Claim,
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
): Promise<LedgerEntry | null> {
  for (let left = looks; ; left--) {
    const entry = await session.readFirst()
    if (entry === null || entry.owner === me || left === 0) return entry
    await sleep(clock, pause, signal)
  }
}

/**
 * Fenced means: somebody else is starting too, and only the ledger can tell who of us is the owner.
 */
function startsOver(thrown: unknown): boolean {
  if (!(thrown instanceof RxweftError)) return false
  return isStale(thrown) || (thrown.consequence === 'fenced' && thrown.code !== 'OWNED_BY_ANOTHER')
}

function isStale(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'LEDGER_READ_STALE'
}

/**
 * Rejects with Fenced OWNED_BY_ANOTHER where a newer execution has taken over since,
 * SHARD_OVERTAKEN where only the next attempt can tell.
 */
export async function stillOwner(session: LedgerSession, claim: Claim): Promise<void> {
  const entry = await session.read()
  if (entry?.owner !== claim.me) throw overtaken(claim, entry)
}

/** @param deciding the entry of shard 0 */
function mayTakeOver(claim: Claim, deciding: LedgerEntry | null): void {
  // It has been committed before this shard was started.
  if (deciding === null && claim.shard > 0) throw notSeenYet()
  if (deciding !== null && (deciding.shards ?? 1) !== claim.shards)
    throw shardsChanged(deciding.shards ?? 1, claim.shards)
  // Nobody owns an empty ledger. Whether it may be empty is for the storage to say:
  // lineageCheck.ts.
  if (deciding === null) return
  const { owner } = deciding
  if (owner !== claim.me && owner !== claim.predecessor) throw ownedByAnother(claim, deciding)
}

/**
 * Somebody else has become the owner of this shard. Of shards other than 0 that does not tell whose
 * the job is.
 */
function overtaken(claim: Claim, entry: LedgerEntry | null): FencedError {
  if (claim.shard === 0) return ownedByAnother(claim, entry)
  return new FencedError('SHARD_OVERTAKEN', `execution ${entry?.owner} has taken the shard over from ${claim.me}`, {
    hint: 'The next attempt asks shard 0 whose the job is',
  })
}

function notSeenYet(): RetriableError {
  return new RetriableError('LEDGER_BEHIND', 'the ledger does not have the entry of shard 0 yet', {
    hint: 'The next attempt reads it again',
  })
}

function shardsChanged(before: number, now: number): FatalError {
  return new FatalError(
    'SHARDS_CHANGED',
    `the job has ${before} ${before === 1 ? 'shard' : 'shards'}, and was started with ${now}`,
    {
      hint: `Start it with shards: ${before}. Which partitions share state, ids and snapshots is fixed at the first start; another number needs another job name`,
    },
  )
}

function ownedByAnother(claim: Claim, entry: LedgerEntry | null): FencedError {
  return new FencedError('OWNED_BY_ANOTHER', `execution ${entry?.owner} has taken over from ${claim.me}`, {
    hint: 'A newer run of this job is the owner; this one has ended and writes nothing more',
  })
}
