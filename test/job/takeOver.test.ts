import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { LedgerEntry, LedgerSession } from '../../src/contracts/ledger.ts'
import { claimOf, signature, takeOver } from '../../src/job/takeOver.ts'
import { FencedError, RetriableError } from '../../src/openErrors.ts'
import { planOf } from '../contracts/planStoreContract.ts'

/** A ledger as Kafka's behaves: a fence ends every other session; a commit of a fenced session is refused. */
function sharedLedger(start: LedgerEntry | null = null) {
  let entry = start
  let epoch = 0
  const fences: string[] = []
  return {
    fences,
    entry: () => entry,
    session(name: string, before: { commit?: () => Promise<void> } = {}): LedgerSession {
      let mine = -1
      return {
        read: async () => entry,
        async fence() {
          fences.push(name)
          epoch += 1
          mine = epoch
          return entry
        },
        async commit(next) {
          await before.commit?.()
          if (mine !== epoch) throw new FencedError('INVALID_PRODUCER_EPOCH', 'fenced')
          entry = next
        },
        close: async () => undefined,
      }
    },
  }
}

const genesis: Omit<LedgerEntry, 'owner'> = { lineage: 'l', checkpoint: 0, snapshot: null, positions: [], handles: {} }
const inheritAs = (me: string) => async (found: LedgerEntry | null) => ({ ...(found ?? genesis), owner: me })
const noWait = {
  clock: {
    ...systemClock,
    setTimeout: (callback: () => void) => queueMicrotask(callback),
    clearTimeout: () => undefined,
  },
  signal: new AbortController().signal,
}

describe('taking a shard over', () => {
  it('commits genesis, owned by the execution, if the ledger is empty', async () => {
    const ledger = sharedLedger()
    const entry = await takeOver(ledger.session('a'), claimOf('a'), inheritAs('a'), noWait)
    expect(entry).toEqual({ ...genesis, owner: 'a', plan: 1, slots: undefined, released: undefined })
    expect(ledger.entry()).toEqual(entry)
  })

  it('keeps what the entry decided and changes only its owner', async () => {
    const ledger = sharedLedger({ ...genesis, checkpoint: 7, owner: 'old' })
    expect(await takeOver(ledger.session('a'), claimOf('a'), inheritAs('a'), noWait)).toMatchObject({
      checkpoint: 7,
      owner: 'a',
    })
  })

  it('fences before it reads what it resumes, and again when it is the owner', async () => {
    const ledger = sharedLedger()
    await takeOver(ledger.session('a'), claimOf('a'), inheritAs('a'), noWait)
    expect(ledger.fences).toEqual(['a', 'a'])
  })

  it('fences at once if the ledger has just been read, and reads it before a second try', async () => {
    const steps: string[] = []
    const ledger = sharedLedger({ ...genesis, owner: 'old', plan: 1, slots: '0-254/1' })
    const session = ledger.session('a')
    let lost = true
    const watched: LedgerSession = {
      ...session,
      async read() {
        steps.push('read')
        return session.read()
      },
      async fence() {
        steps.push('fence')
        return session.fence()
      },
      async commit(...entry) {
        if (lost) {
          lost = false
          throw new FencedError('INVALID_PRODUCER_EPOCH', 'fenced')
        }
        return session.commit(...entry)
      },
    }
    const claim = { ...claimOf('a', 0, planOf(2, 'a', 1)) }
    await takeOver(watched, claim, inheritAs('a'), noWait, true)
    expect(steps).toEqual(['fence', 'read', 'fence', 'fence'])
  })

  it('ends as Fenced, without fencing anybody, if a newer execution has become the owner', async () => {
    const ledger = sharedLedger()
    const older = claimOf('older')
    await takeOver(ledger.session('older'), older, inheritAs('older'), noWait)
    await takeOver(ledger.session('newer'), claimOf('newer'), inheritAs('newer'), noWait)
    ledger.fences.length = 0
    await expect(takeOver(ledger.session('older'), older, inheritAs('older'), noWait)).rejects.toMatchObject({
      consequence: 'fenced',
      code: 'OWNED_BY_ANOTHER',
    })
    expect(ledger.fences).toEqual([])
  })

  it('goes on as the owner after an attempt of its own', async () => {
    const ledger = sharedLedger()
    const claim = claimOf('a')
    await takeOver(ledger.session('a'), claim, inheritAs('a'), noWait)
    expect(await takeOver(ledger.session('a'), claim, inheritAs('a'), noWait)).toMatchObject({ owner: 'a' })
  })

  it('recognises a takeover of its own whose answer was lost', async () => {
    const ledger = sharedLedger()
    const claim = claimOf('a')
    const session = ledger.session('a')
    const lost: LedgerSession = {
      ...session,
      async commit(entry, takeover) {
        await session.commit(entry, takeover)
        throw new RetriableError('CONNECTION_LOST', 'cut')
      },
    }
    await expect(takeOver(lost, claim, inheritAs('a'), noWait)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await takeOver(ledger.session('a'), claim, inheritAs('a'), noWait)).toMatchObject({ owner: 'a' })
  })

  it('lets exactly one of two that start at once become the owner', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'old' })
    const sessions = ['a', 'b'].map((name) => takeOver(ledger.session(name), claimOf(name), inheritAs(name), noWait))
    const ends = await Promise.allSettled(sessions)
    const winners = ends.filter(({ status }) => status === 'fulfilled')
    expect(winners).toHaveLength(1)
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { consequence: 'fenced' } })
    expect((winners[0] as PromiseFulfilledResult<LedgerEntry>).value.owner).toBe(ledger.entry()?.owner)
  })

  it('tries again when it was fenced by somebody who has not become the owner', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'old' })
    let disturbed = false
    const disturb = async () => {
      if (!disturbed) await ledger.session('crashed').fence()
      disturbed = true
    }
    const entry = await takeOver(ledger.session('a', { commit: disturb }), claimOf('a'), inheritAs('a'), noWait)
    expect(entry?.owner).toBe('a')
  })

  it('commits nothing once the attempt is over', async () => {
    const [ledger, over] = [sharedLedger(), new AbortController()]
    const inherit = async (found: LedgerEntry | null) => {
      over.abort()
      return inheritAs('a')(found)
    }
    const attempt = { ...noWait, signal: over.signal }
    await expect(takeOver(ledger.session('a'), claimOf('a'), inherit, attempt)).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(ledger.entry()).toBeNull()
  })

  it('fences nobody once the attempt is over, and does not wait for that', async () => {
    const [ledger, over] = [sharedLedger(), new AbortController()]
    const disturb = async () => {
      await ledger.session('other').fence()
      over.abort()
    }
    const never = { ...noWait.clock, setTimeout: () => undefined }
    const attempt = { clock: never, signal: over.signal }
    const taking = takeOver(ledger.session('a', { commit: disturb }), claimOf('a'), inheritAs('a'), attempt)
    await expect(taking).rejects.toMatchObject({ name: 'AbortError' })
    expect(ledger.fences).toEqual(['a', 'other'])
  })
})

describe('taking over under a plan', () => {
  const planned = (me: string, number: number) => claimOf(me, 1, { ...planOf(number, me), number })
  const signed = (plan: number, owner: string, more: Partial<LedgerEntry> = {}): LedgerEntry => {
    return { ...genesis, checkpoint: 7, owner, plan, slots: '1-255/2', ...more }
  }
  const take = (ledger: ReturnType<typeof sharedLedger>, me: string, number: number) =>
    takeOver(ledger.session(me), planned(me, number), async (found) => found, noWait)

  it.each<[string, LedgerEntry]>([
    ['an older plan', signed(4, 'other')],
    ['the same plan and this execution', signed(5, 'a')],
    ['the same plan, and released since', signed(5, 'other', { released: 5 })],
    ['an older plan, and released under it', signed(4, 'other', { released: 4 })],
  ])('is allowed where the entry was signed under %s', async (_, entry) => {
    const ledger = sharedLedger(entry)
    const settled = await take(ledger, 'a', 5)
    expect(settled).toEqual({ ...genesis, checkpoint: 7, owner: 'a', plan: 5, slots: '1-255/2', released: undefined })
  })

  it.each<[string, LedgerEntry]>([
    ['the same plan by another execution', signed(5, 'other')],
    ['the same plan by another execution that has released an older one', signed(5, 'other', { released: 4 })],
    ['a newer plan', signed(6, 'other')],
    ['a newer plan by this execution', signed(6, 'a')],
    ['a newer plan, and released under it', signed(6, 'other', { released: 6 })],
  ])('ends as Fenced, without fencing anybody, where it was signed under %s', async (_, entry) => {
    const ledger = sharedLedger(entry)
    await expect(take(ledger, 'a', 5)).rejects.toMatchObject({ code: 'OWNED_BY_ANOTHER', consequence: 'fenced' })
    expect(ledger.fences).toEqual([])
    expect(ledger.entry()).toBe(entry)
  })

  it('commits nothing if a newer plan has signed between its first look and its fence', async () => {
    const ledger = sharedLedger(signed(3, 'old'))
    const session = ledger.session('a')
    const late: LedgerSession = {
      ...session,
      async read() {
        const seen = await session.read()
        await take(ledger, 'newer', 6)
        return seen
      },
    }
    const taking = takeOver(late, planned('a', 5), async (found) => found, noWait)
    await expect(taking).rejects.toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect(ledger.entry()).toMatchObject({ owner: 'newer', plan: 6 })
  })

  it('takes the shard from an older plan that has won a race', async () => {
    const ledger = sharedLedger(signed(3, 'old'))
    let disturbed = false
    const disturb = async () => {
      if (disturbed) return
      disturbed = true
      await take(ledger, 'older', 4)
    }
    const session = ledger.session('a', { commit: disturb })
    const settled = await takeOver(session, planned('a', 5), async (found) => found, noWait)
    expect(settled).toMatchObject({ owner: 'a', plan: 5 })
  })

  it('does not come back under its old plan once a newer one has signed', async () => {
    const ledger = sharedLedger(signed(3, 'old'))
    const claim = planned('a', 5)
    await takeOver(ledger.session('a'), claim, async (found) => found, noWait)
    await take(ledger, 'newer', 6)
    ledger.fences.length = 0
    await expect(takeOver(ledger.session('a'), claim, async (found) => found, noWait)).rejects.toMatchObject({
      code: 'OWNED_BY_ANOTHER',
    })
    expect(ledger.fences).toEqual([])
  })
})

describe('a job without a plan', () => {
  it('counts its owners', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'old' })
    for (const me of ['a', 'b', 'c']) await takeOver(ledger.session(me), claimOf(me), inheritAs(me), noWait)
    expect(ledger.entry()).toMatchObject({ owner: 'c', plan: 3 })
  })

  it.each<[string, Partial<LedgerEntry>]>([
    ['of several shards, written by an older version', { shards: 2 }],
    ['of a job with a plan', { plan: 4, slots: '0-254/2' }],
  ])('does not take over an entry %s, and fences nobody', async (_, fields) => {
    const ledger = sharedLedger({ ...genesis, owner: 'old', ...fields })
    const taking = takeOver(ledger.session('a'), claimOf('a'), inheritAs('a'), noWait)
    await expect(taking).rejects.toMatchObject({ code: 'SHARDS_CHANGED', consequence: 'fatal' })
    expect(ledger.fences).toEqual([])
  })

  it('is not taken over by one with a plan', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'old' })
    const taking = takeOver(ledger.session('a'), claimOf('a', 0, planOf(9, 'a')), inheritAs('a'), noWait)
    await expect(taking).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
    expect(ledger.fences).toEqual([])
  })

  it('ends before it has written if several shards have begun after its first look', async () => {
    const ledger = sharedLedger()
    const session = ledger.session('a')
    const late: LedgerSession = {
      ...session,
      async read() {
        const seen = await session.read()
        const other = ledger.session('b')
        await other.fence()
        await other.commit({ ...genesis, owner: 'b', plan: 1, slots: '0-254/2' }, true)
        return seen
      },
    }
    await expect(takeOver(late, claimOf('a'), inheritAs('a'), noWait)).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
    expect(ledger.entry()).toMatchObject({ owner: 'b' })
  })
})

describe('the signature of an owner', () => {
  const admitted = async () => ({ number: 3, free: true })

  it('lets the shard go with the final entry only, and only among members', () => {
    const claim = { ...claimOf('a', 0, planOf(3, 'a')), admitted }
    expect(signature(claim)).toMatchObject({ plan: 3, released: undefined })
    expect(signature(claim, true)).toMatchObject({ plan: 3, released: 3 })
    expect(signature({ ...claim, releases: 5 }, true)).toMatchObject({ plan: 5, released: 5 })
    expect(signature(claimOf('a', 0, planOf(3, 'a')), true)).toMatchObject({ plan: 3, released: undefined })
  })
})
