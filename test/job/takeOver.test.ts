import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { LedgerEntry, LedgerSession } from '../../src/contracts/ledger.ts'
import { claimOf, takeOver } from '../../src/job/takeOver.ts'
import { FencedError, RetriableError } from '../../src/openErrors.ts'

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
        readFirst: async () => entry,
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
  it('commits genesis, owned by the execution, where the ledger is empty', async () => {
    const ledger = sharedLedger()
    const entry = await takeOver(ledger.session('a'), claimOf('a'), inheritAs('a'), noWait)
    expect(entry).toEqual({ ...genesis, owner: 'a' })
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

  it('ends as Fenced, without fencing anybody, where a newer execution has become the owner', async () => {
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

describe('taking over a shard other than 0', () => {
  /** Shard 1 on its own ledger, and what shard 0's says. */
  function shardOne(me: string, ledger: ReturnType<typeof sharedLedger>, first: () => LedgerEntry | null) {
    const session: LedgerSession = { ...ledger.session(me), readFirst: async () => first() }
    return takeOver(session, claimOf(me, 1, 2), inheritAs(me), noWait)
  }
  const ownedBy = (owner: string): LedgerEntry => ({ ...genesis, owner, shards: 2 })

  it('depends on who owns shard 0, and not on who owned the shard', async () => {
    const ledger = sharedLedger({ ...genesis, checkpoint: 7, owner: 'somebody' })
    expect(await shardOne('a', ledger, () => ownedBy('a'))).toMatchObject({ checkpoint: 7, owner: 'a' })
  })

  it('ends as Fenced, without fencing anybody, where another execution owns shard 0', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'newer' })
    await expect(shardOne('older', ledger, () => ownedBy('newer'))).rejects.toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect(ledger.fences).toEqual([])
  })

  it('commits nothing where shard 0 was taken over between its first look and its fence', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'older' })
    const looks = [ownedBy('older')]
    await expect(shardOne('older', ledger, () => looks.shift() ?? ownedBy('newer'))).rejects.toMatchObject({
      code: 'OWNED_BY_ANOTHER',
    })
    expect(ledger.fences).toEqual(['older'])
  })

  it('tries again where an older execution, which had looked before, has still taken the shard', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'old' })
    let disturbed = false
    const late = async (): Promise<LedgerEntry> => {
      const session = ledger.session('older')
      if (!disturbed) {
        disturbed = true
        await session.fence()
        await session.commit({ ...genesis, owner: 'older' }, true)
      }
      return ownedBy('newer')
    }
    const session: LedgerSession = { ...ledger.session('newer'), readFirst: late }
    expect(await takeOver(session, claimOf('newer', 1, 2), inheritAs('newer'), noWait)).toMatchObject({
      owner: 'newer',
    })
  })

  it('reads again what shard 0 says where an owner of long ago is named, as a deposed broker would', async () => {
    const ledger = sharedLedger({ ...genesis, owner: 'long ago' })
    const looks = [ownedBy('long ago'), ownedBy('long ago')]
    expect(await shardOne('a', ledger, () => looks.shift() ?? ownedBy('a'))).toMatchObject({ owner: 'a' })
  })

  it('waits for the entry of shard 0 where it is not to be seen yet', async () => {
    const ledger = sharedLedger()
    await expect(shardOne('a', ledger, () => null)).rejects.toMatchObject({
      code: 'LEDGER_BEHIND',
      consequence: 'retriable',
    })
    expect(ledger.fences).toEqual([])
  })
})

describe('the number of shards', () => {
  it.each([
    [undefined, 2],
    [2, 1],
    [2, 3],
  ])('that the ledger says (%s) cannot become %i, and nobody is fenced for that', async (before, now) => {
    const ledger = sharedLedger({ ...genesis, owner: 'old', ...(before === undefined ? {} : { shards: before }) })
    const taking = takeOver(ledger.session('a'), claimOf('a', 0, now), inheritAs('a'), noWait)
    await expect(taking).rejects.toMatchObject({ code: 'SHARDS_CHANGED', consequence: 'fatal' })
    expect(ledger.fences).toEqual([])
  })

  it('that another start has decided after the first look ends this one before it has written', async () => {
    const ledger = sharedLedger()
    const session = ledger.session('a')
    const late: LedgerSession = {
      ...session,
      async read() {
        const seen = await session.read()
        const other = ledger.session('b')
        await other.fence()
        await other.commit({ ...genesis, owner: 'b', shards: 2 }, true)
        return seen
      },
    }
    await expect(takeOver(late, claimOf('a'), inheritAs('a'), noWait)).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
    expect(ledger.entry()).toMatchObject({ owner: 'b' })
  })
})
