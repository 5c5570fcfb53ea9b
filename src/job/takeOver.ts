/**
 * How an execution becomes the owner of its shard: compare and set on the ledger's `owner`.
 *
 *   read    whom do I take over from?            (once per execution, disturbs nobody)
 *   fence   both transactional ids, then read    whoever was there can commit nothing any more
 *   commit  the entry again, owner = me          on id 0; of two that start at once, at most one gets through
 *   fence   again, then read                     the winner gets both ids; owner still me -> go
 *
 * An owner that is neither me nor the one that I meant to take over from is a newer execution: I end as Fenced. That is also what
 * a restarted attempt finds that slept through its replacement, and it finds it before it has fenced anybody.
 */
import type { LedgerEntry, LedgerSession } from '../checkpoint/ledger.ts'
import { sleep } from '../clock.ts'
import type { AttemptContext } from '../element.ts'
import { FencedError, RxweftError } from '../errors.ts'

/** Whom this execution may take over from; kept over its attempts. `undefined`: not read yet; null: nobody, genesis. */
export interface Claim {
  readonly me: string
  predecessor: string | null | undefined
}

const tries = 8

/**
 * @param inherit makes the entry that I own from the one that is there (null: genesis).
 * @returns the entry to resume from. Rejects with Fenced OWNED_BY_ANOTHER, or with what the session rejects with; once the attempt
 *   is over, with the reason of its signal.
 */
export async function takeOver(
  session: LedgerSession,
  claim: Claim,
  inherit: (entry: LedgerEntry | null) => Promise<LedgerEntry>,
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
): Promise<LedgerEntry> {
  const seen = await session.read()
  if (claim.predecessor === undefined) claim.predecessor = seen?.owner ?? null
  mayTakeOver(claim, seen)
  for (let left = tries; ; left--) {
    signal.throwIfAborted()
    const entry = await session.fence()
    mayTakeOver(claim, entry)
    const mine = await inherit(entry)
    // A run that was cancelled in the meantime must not become the owner: who started after it would end as Fenced.
    signal.throwIfAborted()
    try {
      await session.commit(mine, true)
      const settled = await session.fence()
      if (settled?.owner !== claim.me) throw ownedByAnother(claim, settled)
      claim.predecessor = claim.me
      return settled
    } catch (thrown) {
      // Fenced here means: somebody else is starting too, and only the ledger can tell who of us is the owner.
      if (
        !(thrown instanceof RxweftError) ||
        thrown.consequence !== 'fenced' ||
        thrown.code === 'OWNED_BY_ANOTHER' ||
        left <= 1
      )
        throw thrown
      await sleep(clock, 50 + Math.random() * 200, signal)
      mayTakeOver(claim, await session.read())
    }
  }
}

/** Rejects with Fenced OWNED_BY_ANOTHER where a newer execution has taken over since. */
export async function stillOwner(session: LedgerSession, claim: Claim): Promise<void> {
  const entry = await session.read()
  if (entry?.owner !== claim.me) throw ownedByAnother(claim, entry)
}

function mayTakeOver(claim: Claim, entry: LedgerEntry | null): void {
  const owner = entry?.owner ?? null
  if (owner !== claim.me && owner !== claim.predecessor) throw ownedByAnother(claim, entry)
}

function ownedByAnother(claim: Claim, entry: LedgerEntry | null): FencedError {
  return new FencedError('OWNED_BY_ANOTHER', `execution ${entry?.owner} has taken over from ${claim.me}`, {
    hint: 'A newer run of this job is the owner; this one has ended and writes nothing more',
  })
}
