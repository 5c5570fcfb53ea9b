import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { encodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { ledgerKey } from '../../src/checkpoint/names.ts'
import { storageLedger } from '../../src/checkpoint/storageLedger.ts'
import type { LedgerEntry, LedgerSession } from '../../src/contracts/ledger.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { FencedError, RetriableError } from '../../src/errors.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const entry = (checkpoint: number, owner = 'me'): LedgerEntry => ({
  lineage: 'b7c1',
  checkpoint,
  owner,
  snapshot: null,
  positions: [],
  handles: {},
})

const session = (storage: CheckpointStorage, shard = 0): Promise<LedgerSession> =>
  storageLedger(storage).open({ job: 'job', shard, attempt: 'a' } as AttemptContext)

async function fenced(storage: CheckpointStorage): Promise<LedgerSession> {
  const opened = await session(storage)
  await opened.fence()
  return opened
}

const key = (sequence: number) => ledgerKey('job', 0, sequence)

describe('a storage ledger', () => {
  test('is where its storage is', () => {
    expect(storageLedger(memoryStorage()).place).toBe('memory')
  })

  test('is refused where a key can be written twice, with nothing left behind', async () => {
    const storage = memoryStorage()
    const forgetful = {
      ...storage,
      exclusive: false,
      async put(key: string, bytes: Uint8Array) {
        await storage.remove(key)
        await storage.put(key, bytes)
      },
    }
    const attempt = { job: 'job', shard: 0, attempt: 'a' } as AttemptContext
    expect(await rejectionOf(storageLedger(forgetful).open(attempt))).toMatchObject({
      code: 'STORAGE_NOT_EXCLUSIVE',
      consequence: 'fatal',
    })
    await storageLedger({ ...storage, exclusive: false }).open(attempt)
    expect(await storage.list('')).toEqual([])
  })

  test('has no entry at first', async () => {
    const one = await session(memoryStorage())
    expect(await one.read()).toBeNull()
    expect(await one.fence()).toBeNull()
  })

  test('has the entry that was committed last, for every session', async () => {
    const storage = memoryStorage()
    const one = await fenced(storage)
    for (const checkpoint of [0, 1, 2, 3]) await one.commit(entry(checkpoint), false)
    expect(await (await session(storage)).read()).toMatchObject({ checkpoint: 3, owner: 'me' })
    expect(await (await session(storage)).fence()).toMatchObject({ checkpoint: 3 })
  })

  test('keeps the last two entries', async () => {
    const storage = memoryStorage()
    const one = await fenced(storage)
    for (const checkpoint of [0, 1, 2, 3]) await one.commit(entry(checkpoint), false)
    expect(await storage.list('')).toEqual([key(3), key(4)])
  })

  test('of one shard knows nothing of another, nor of snapshots', async () => {
    const storage = memoryStorage()
    await storage.put('job/0/chk-000000000009-a', Buffer.from('x'))
    const one = await session(storage, 1)
    await one.fence()
    await one.commit(entry(7), false)
    expect(await (await session(storage, 0)).read()).toBeNull()
    expect(await (await session(storage, 1)).read()).toMatchObject({ checkpoint: 7 })
  })

  test('takes no commit from a session that has not read it', async () => {
    const storage = memoryStorage()
    const error = await rejectionOf((await session(storage)).commit(entry(1), false))
    expect(error).toMatchObject({ code: 'LEDGER_NOT_FENCED', consequence: 'fatal' })
    expect(await storage.list('')).toEqual([])
  })

  test('refuses a damaged entry, naming it, instead of falling back on the one before', async () => {
    const storage = memoryStorage()
    await storage.put(key(1), encodeEntry(entry(1)))
    await storage.put(key(2), Buffer.from(encodeEntry(entry(2))).subarray(0, -5))
    const error = await rejectionOf((await session(storage)).fence())
    expect(error).toMatchObject({ code: 'LEDGER_DAMAGED', consequence: 'corrupted' })
    expect(error.message).toContain(`${key(2)} in memory`)
  })
})

describe('of two sessions', () => {
  test('the one that commits second is fenced, and changes nothing', async () => {
    const storage = memoryStorage()
    const [one, two] = [await fenced(storage), await fenced(storage)]
    await one.commit(entry(1, 'one'), true)
    expect(await rejectionOf(two.commit(entry(1, 'two'), true))).toBeInstanceOf(FencedError)
    expect(await two.read()).toMatchObject({ owner: 'one' })
  })

  test('the fenced one is dead until it reads again', async () => {
    const storage = memoryStorage()
    const [one, two] = [await fenced(storage), await fenced(storage)]
    await one.commit(entry(1, 'one'), true)
    await rejectionOf(two.commit(entry(1, 'two'), true))
    expect((await rejectionOf(two.commit(entry(1, 'two'), true))).code).toBe('LEDGER_NOT_FENCED')
    await two.fence()
    await two.commit(entry(2, 'two'), true)
    expect(await rejectionOf(one.commit(entry(2, 'one'), false))).toBeInstanceOf(FencedError)
  })

  test('one that slept until its sequence was free again is fenced, and takes its entry away', async () => {
    const storage = memoryStorage()
    const [sleeper, other] = [await fenced(storage), await fenced(storage)]
    for (const checkpoint of [1, 2, 3, 4]) await other.commit(entry(checkpoint, 'other'), false)
    expect(await storage.get(key(1))).toBeNull()
    expect(await rejectionOf(sleeper.commit(entry(9, 'sleeper'), false))).toBeInstanceOf(FencedError)
    expect(await storage.list('')).toEqual([key(3), key(4)])
    expect(await other.read()).toMatchObject({ checkpoint: 4, owner: 'other' })
  })

  test('an entry that a killed sleeper could not take away never counts, and is removed later', async () => {
    const storage = memoryStorage()
    const one = await fenced(storage)
    for (const checkpoint of [1, 2, 3, 4]) await one.commit(entry(checkpoint), false)
    await storage.put(key(1), encodeEntry(entry(9, 'sleeper')))
    expect(await one.read()).toMatchObject({ checkpoint: 4 })
    await one.commit(entry(5), false)
    expect(await storage.list('')).toEqual([key(4), key(5)])
  })

  test('exactly one wins a race, on files too', async () => {
    const storage = fileStorage(await temporaryFolder())
    for (let round = 1; round <= 5; round++) {
      const racers = await Promise.all(Array.from({ length: 4 }, () => fenced(storage)))
      const outcomes = await Promise.allSettled(
        racers.map((racer, i) => racer.commit(entry(round, `racer-${i}`), true)),
      )
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`racer-${i}`] : []))
      expect(winners).toHaveLength(1)
      expect(await (await session(storage)).read()).toMatchObject({ checkpoint: round, owner: winners[0] })
    }
  })

  test('in any order of reads and commits, what has been committed is never lost from the history', async () => {
    const act = fc.record({ who: fc.nat(2), fenceFirst: fc.boolean() })
    let resolved = 0
    let fencedOnes = 0
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(act, { minLength: 3, maxLength: 25 }), async (scheduler, acts) => {
        const storage = memoryStorage()
        const slow = slowed(storage, scheduler)
        /** What the session had seen, by what it then tried to commit. */
        const parents = new Map<number, number>()
        const done: number[] = []
        const run = async (who: number): Promise<void> => {
          const opened = await session(slow)
          let seen: number | undefined
          for (const { fenceFirst } of acts.filter((one) => one.who === who)) {
            if (fenceFirst || seen === undefined) seen = (await opened.fence())?.checkpoint ?? 0
            const made = parents.size + 1
            parents.set(made, seen)
            const error = await opened.commit(entry(made), false).catch((thrown: unknown) => thrown)
            if (error === undefined) done.push(made)
            else expect(error).toBeInstanceOf(FencedError)
            seen = error === undefined ? made : undefined
            fencedOnes += error === undefined ? 0 : 1
          }
        }
        await scheduler.waitFor(Promise.all([0, 1, 2].map(run)))
        const history = new Set<number>()
        for (let at = (await (await session(storage)).read())?.checkpoint ?? 0; at > 0; at = parents.get(at) ?? 0)
          history.add(at)
        for (const made of done) expect(history).toContain(made)
        resolved += done.length
      }),
      { numRuns: 300 },
    )
    // There was a contest.
    expect(Math.min(resolved, fencedOnes)).toBeGreaterThan(100)
  })
})

describe('a commit', () => {
  /** A storage one of whose methods fails from its n-th call on. */
  const failing = (method: 'put' | 'list' | 'remove', failAt = 1): CheckpointStorage => {
    const storage = memoryStorage()
    let calls = 0
    const failOr = async <A>(name: string, run: () => Promise<A>): Promise<A> => {
      if (name === method && ++calls >= failAt) throw new RetriableError('STORAGE_IO', 'no')
      return run()
    }
    return {
      ...storage,
      put: (at, bytes) => failOr('put', () => storage.put(at, bytes)),
      list: (prefix) => failOr('list', () => storage.list(prefix)),
      remove: (at) => failOr('remove', () => storage.remove(at)),
    }
  }

  test('that cannot be put is Retriable, and the session dead', async () => {
    const one = await fenced(failing('put'))
    expect((await rejectionOf(one.commit(entry(1), false))).code).toBe('STORAGE_IO')
    expect((await rejectionOf(one.commit(entry(1), false))).code).toBe('LEDGER_NOT_FENCED')
  })

  test('that cannot be verified rejects; what happened is for the next fence to tell', async () => {
    const storage = failing('list', 2)
    const one = await fenced(storage)
    expect((await rejectionOf(one.commit(entry(1), false))).code).toBe('STORAGE_IO')
    expect((await rejectionOf(one.commit(entry(2), false))).code).toBe('LEDGER_NOT_FENCED')
  })

  test('holds although old entries cannot be removed', async () => {
    const storage = failing('remove')
    const one = await fenced(storage)
    for (const checkpoint of [1, 2, 3, 4]) await one.commit(entry(checkpoint), false)
    expect(await one.read()).toMatchObject({ checkpoint: 4 })
  })

  test('after close is refused', async () => {
    const one = await fenced(memoryStorage())
    await one.close()
    expect((await rejectionOf(one.commit(entry(1), false))).code).toBe('LEDGER_NOT_FENCED')
  })
})

describe('a read', () => {
  test('looks again when the newest entry went because a newer one came', async () => {
    const storage = memoryStorage()
    await storage.put(key(1), encodeEntry(entry(1)))
    let gets = 0
    const moving: CheckpointStorage = {
      ...storage,
      async get(asked) {
        if (++gets > 1) return storage.get(asked)
        await storage.put(key(3), encodeEntry(entry(3)))
        await storage.remove(key(1))
        return storage.get(asked)
      },
    }
    expect(await (await session(moving)).read()).toMatchObject({ checkpoint: 3 })
  })

  test('of an entry that is listed and never there ends with an error', async () => {
    const storage = memoryStorage()
    await storage.put(key(1), encodeEntry(entry(1)))
    const one = await session({ ...storage, get: async () => null })
    expect(await rejectionOf(one.read())).toMatchObject({ code: 'LEDGER_DAMAGED', consequence: 'corrupted' })
  })
})

/** A storage whose calls happen when the scheduler says so. */
function slowed(storage: CheckpointStorage, scheduler: fc.Scheduler): CheckpointStorage {
  const soon = async <A>(run: () => Promise<A>): Promise<A> => {
    await scheduler.schedule(Promise.resolve())
    return run()
  }
  return {
    ...{ place: storage.place, exclusive: true },
    put: (at, bytes) => soon(() => storage.put(at, bytes)),
    get: (at) => soon(() => storage.get(at)),
    list: (prefix) => soon(() => storage.list(prefix)),
    remove: (at) => soon(() => storage.remove(at)),
  }
}
