/**
 * Takeover: an execution becomes the owner of its shard, by compare-and-set on the ledger's
 * `owner`.
 *
 *   read    predecessor = owner                  once per execution, disturbs nobody
 *   fence   both transactional ids, then read    the predecessor can commit nothing any more
 *   commit  the same entry, owner = me           on id 0; of two starts, at most one succeeds. The
 *                                                session first proves that its read was complete
 *   fence   again, then read                     the winner gets both ids; owner still me -> go
 *
 * A deposed broker may answer a read without knowing that it is deposed. So the predecessor is
 * certain, and kept for later attempts of this execution, only once the read is proven. Until then
 * each attempt reads it again, as it does when the session finds the read stale
 * (LEDGER_READ_STALE).
 *
 * Genesis is committed in the same way, but later: recover.ts first checks everything that can be
 * refused, then calls this a second time.
 *
 * An owner that is neither this execution nor its predecessor is a newer execution: this one ends
 * as Fenced. A restarted attempt that slept through its replacement finds the same, before it
 * fences anybody.
 *
 * With several shards, shard 0 decides for all, and the others start after it:
 *
 *   shard 0   as above; its first entry also fixes the number of shards for ever
 *   shard k   reads the owner of the job from shard 0's entry, before and after its fence; then as
 *             above, whoever owned shard k before
 *
 * Why this is safe:
 *
 * (1) One number of shards. Of two starts with different numbers, at most one commits genesis of
 * shard 0. Every later start finds that entry before it writes or fences anything, and ends. The
 * losing start finds it after its fence at the latest, before its commit (and if this fenced the
 * winner, the winner tries again). No shard k runs before its shard 0 has committed, so none ever
 * runs under another number, and every partition keeps its shard for ever.
 *
 * (2) No livelock. Owners of shard 0 follow one another and none returns. So of the shards k of two
 * executions, only the later execution's find themselves named there: no two replace each other in
 * turn.
 *
 * (3) Late starters. An older shard k that read just before its shard 0 was replaced may still
 * become the owner of k. The newer shard k then takes over from it as from any other, or finds out
 * after its own commit and tries again.
 *
 * (4) Stale reads of shard 0. Shard k's read of shard 0 may be out of date, and nothing proves it.
 * An older owner in it does not end shard k at once; a stale owner that is believed only costs
 * time, as in (3). The fences of each shard guard its records all the while.
 */

import type { AttemptContext } from '../attempt.ts'
import { sleep } from '../clock.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import { FatalError, FencedError, RetriableError, RxweftError } from '../errors.ts'

/**
 * Predecessor of this execution, kept over its attempts: undefined if not certain yet; null for
 * genesis.
 */
export interface Claim {
  readonly me: string
  readonly shard: number
  readonly shards: number
  predecessor: string | null | undefined
  /**
   * Lineage under which an attempt of this execution has read records; undefined if none has. See
   * lineageCheck.ts.
   */
  lineage?: string
}

/**
 * Claim of an execution that has not read the ledger. A shard other than 0 may take over from any
 * owner, as long as its execution owns shard 0.
 */
export function claimOf(me: string, shard = 0, shards = 1): Claim {
  return { me, shard, shards, predecessor: shard === 0 ? undefined : me }
}

const tries = 8

/**
 * Pauses between reads of shard 0's entry while it names another owner: how many, and how long, ms.
 */
const looks = 10
const pause = 250

/**
 * @param inherit makes the new entry from the current one, or from null. If it returns null,
 *   nothing is written: the ledger is fenced and has no entry yet, and genesis follows in a second
 *   call once everything else has been checked.
 * @returns the entry to resume from; null if `inherit` returned null. Rejects with Fenced
 *   OWNED_BY_ANOTHER, with Fatal SHARDS_CHANGED, with errors of the session, or, once the attempt
 *   is over, with the reason of its signal.
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
      // A cancelled run must not become the owner: it would fence the run started after it.
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
      // The first read may be as stale as the read after the fence.
      if (isStale(thrown)) taking.predecessor = claim.predecessor
      await look(session, taking, first)
    }
  }
}

/** Reads the predecessor unless it is known, and checks that taking over from it is allowed. */
async function look(session: LedgerSession, taking: Claim, first: () => Promise<LedgerEntry | null>): Promise<void> {
  const seen = await session.read()
  if (taking.predecessor === undefined) taking.predecessor = seen?.owner ?? null
  mayTakeOver(taking, taking.shard === 0 ? seen : await first())
}

/**
 * The entry of shard 0. An entry with another owner may be stale, so it is read again for a while.
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
 * Fenced means that another execution is starting too; only the ledger can tell which one owns the
 * job.
 */
function startsOver(thrown: unknown): boolean {
  if (!(thrown instanceof RxweftError)) return false
  return isStale(thrown) || (thrown.consequence === 'fenced' && thrown.code !== 'OWNED_BY_ANOTHER')
}

function isStale(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'LEDGER_READ_STALE'
}

/**
 * Rejects with Fenced OWNED_BY_ANOTHER if a newer execution has taken over; with SHARD_OVERTAKEN if
 * only the next attempt can tell.
 */
export async function stillOwner(session: LedgerSession, claim: Claim): Promise<void> {
  const entry = await session.read()
  if (entry?.owner !== claim.me) throw overtaken(claim, entry)
}

/** @param deciding entry of shard 0 */
function mayTakeOver(claim: Claim, deciding: LedgerEntry | null): void {
  // Shard 0 committed it before this shard was started, so the read is stale.
  if (deciding === null && claim.shard > 0) throw notSeenYet()
  if (deciding !== null && (deciding.shards ?? 1) !== claim.shards)
    throw shardsChanged(deciding.shards ?? 1, claim.shards)
  // An empty ledger has no owner. Whether it may be empty is checked against the storage
  // (lineageCheck.ts).
  if (deciding === null) return
  const { owner } = deciding
  if (owner !== claim.me && owner !== claim.predecessor) throw ownedByAnother(claim, deciding)
}

/**
 * Another execution owns this shard now. For shards other than 0, this does not tell who owns the
 * job.
 */
function overtaken(claim: Claim, entry: LedgerEntry | null): FencedError {
  if (claim.shard === 0) return ownedByAnother(claim, entry)
  return new FencedError('SHARD_OVERTAKEN', `execution ${entry?.owner} has taken over the shard from ${claim.me}`, {
    hint: 'The next attempt asks shard 0 which execution owns the job',
  })
}

function notSeenYet(): RetriableError {
  return new RetriableError('LEDGER_BEHIND', 'the ledger does not yet have the entry of shard 0', {
    hint: 'The next attempt reads it again',
  })
}

function shardsChanged(before: number, now: number): FatalError {
  return new FatalError(
    'SHARDS_CHANGED',
    `the job has ${before} ${before === 1 ? 'shard' : 'shards'}, but was started with ${now}`,
    {
      hint: `Start the job with shards: ${before}. The number of shards is fixed at the first start; another number needs another job name`,
    },
  )
}

function ownedByAnother(claim: Claim, entry: LedgerEntry | null): FencedError {
  return new FencedError('OWNED_BY_ANOTHER', `execution ${entry?.owner} has taken over from ${claim.me}`, {
    hint: 'A newer run of this job is the owner. This run has ended and writes nothing more',
  })
}
