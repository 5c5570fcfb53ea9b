/** Takeover of a shard whose ledger is read from a deposed leader that does not know it yet. */
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { LedgerEntry, LedgerSession } from '../../src/contracts/ledger.ts'
import { RetriableError } from '../../src/errors.ts'
import { type Claim, claimOf, takeOver } from '../../src/job/takeOver.ts'

const genesis: LedgerEntry = { lineage: 'l', checkpoint: 0, owner: 'a', snapshot: null, positions: [], handles: {} }
const stale = () => new RetriableError('LEDGER_READ_STALE', 'something lies behind what was read')

/**
 * A ledger whose first so many reads, with and without a fence, are answered with what it was before. Like Kafka's, it finds out before it
 * decides.
 */
function deposedLedger(past: LedgerEntry | null, present: LedgerEntry | null, staleReads: number) {
  const entries = present === null ? [] : [present]
  let left = staleReads
  let believed: LedgerEntry | null = null
  const read = async () => (left-- > 0 ? past : (entries.at(-1) ?? null))
  const session: LedgerSession = {
    read,
    async fence() {
      believed = await read()
      return believed
    },
    async commit(entry, _takeover, deciding) {
      if (believed !== (entries.at(-1) ?? null)) throw stale()
      deciding?.()
      entries.push(entry)
    },
    close: async () => undefined,
  }
  return { entries, session }
}

const noWait = {
  clock: {
    ...systemClock,
    setTimeout: (callback: () => void) => queueMicrotask(callback),
    clearTimeout: () => undefined,
  },
  signal: new AbortController().signal,
}

const take = (session: LedgerSession, claim: Claim) =>
  takeOver(session, claim, async (found) => ({ ...(found ?? genesis), owner: claim.me }), noWait)

describe('taking over from what a deposed broker says', () => {
  it.each([
    ['nothing at all', null],
    ['an earlier checkpoint of the same owner', genesis],
    ['an owner of long ago', { ...genesis, owner: 'long ago' }],
  ])('starts over where it says that there is %s, and resumes the newest entry', async (_, past) => {
    const { session, entries } = deposedLedger(past, { ...genesis, checkpoint: 2 }, 2)
    expect(await take(session, claimOf('b'))).toMatchObject({ checkpoint: 2, owner: 'b' })
    expect(entries.map(({ checkpoint, owner }) => [checkpoint, owner])).toEqual([
      [2, 'a'],
      [2, 'b'],
    ])
  })

  it('finds its own last entry again after an attempt of its own', async () => {
    const claim = claimOf('a')
    await take(deposedLedger(null, null, 0).session, claim)
    const { session } = deposedLedger(genesis, { ...genesis, checkpoint: 3, plan: 1 }, 2)
    expect(await take(session, claim)).toMatchObject({ checkpoint: 3, owner: 'a' })
  })

  it('ends as Fenced if the newest entry shows that it has been replaced', async () => {
    const claim = claimOf('a')
    await take(deposedLedger(null, null, 0).session, claim)
    const { session, entries } = deposedLedger(genesis, { ...genesis, checkpoint: 3, owner: 'newer', plan: 2 }, 2)
    await expect(take(session, claim)).rejects.toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect(entries).toHaveLength(1)
  })

  it('does not hold an attempt against its next one that has never come to a decision', async () => {
    const claim = claimOf('b')
    const { session } = deposedLedger({ ...genesis, owner: 'long ago' }, genesis, 2)
    const cut: LedgerSession = {
      ...session,
      commit: () => Promise.reject(new RetriableError('REQUEST_TIMEOUT', 'cut')),
    }
    await expect(take(cut, claim)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' })
    expect(await take(session, claim)).toMatchObject({ owner: 'b' })
  })

  it('keeps whom it took over from where the decision was in doubt, and finds who has taken over since', async () => {
    const claim = claimOf('b')
    const { session, entries } = deposedLedger(null, genesis, 0)
    const doubtful: LedgerSession = {
      ...session,
      async commit(entry, takeover, deciding) {
        await session.commit(entry, takeover, deciding)
        entries.push({ ...entry, owner: 'newer' })
        throw new RetriableError('CONNECTION_LOST', 'cut')
      },
    }
    await expect(take(doubtful, claim)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(take(session, claim)).rejects.toMatchObject({ code: 'OWNED_BY_ANOTHER' })
  })

  it('gives up after some tries if nobody else answers', async () => {
    const { session, entries } = deposedLedger(null, genesis, Infinity)
    await expect(take(session, claimOf('b'))).rejects.toMatchObject({ code: 'LEDGER_READ_STALE' })
    expect(entries).toEqual([genesis])
  })
})
