import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { deferred } from '../../src/deferred.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { settle, virtualClock } from '../../src/testing/virtualClock.ts'
import { failure, start, upper } from './running.ts'

/** Two executions of one job on one storage and one clock. */
function pair() {
  const [from, into, storage, clock] = [memorySource<string>(), memorySink<string>(), memoryStorage(), virtualClock()]
  const another = (own: CheckpointStorage = storage) =>
    start(upper(from, into), { storage: own, clock, restart: fixedDelay({ attempts: 5, delay: 10 }) })
  return { from, into, storage, clock, another }
}

describe('two executions of one job', () => {
  it('leave the newer one as the owner; the older one ends as Fenced', async () => {
    const { from, into, clock, another } = pair()
    const older = another()
    from.push('a')
    await clock.advanceAsync(1_000)
    const newer = another()
    from.push('b')
    await clock.advanceAsync(10_000)
    expect(await failure(older)).toMatchObject({ code: 'OWNED_BY_ANOTHER', consequence: 'fenced' })
    expect(newer.ended()).toBeUndefined()
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('let the older one commit nothing more, although it still reads and writes', async () => {
    const { from, into, clock, another } = pair()
    const older = another()
    await clock.advanceAsync(500)
    const newer = another()
    await clock.advanceAsync(1)
    from.push('a')
    // The older one reaches its checkpoint first.
    await clock.advanceAsync(500)
    expect(older.story()).toContain('checkpoint-failed 1 LEDGER_OVERTAKEN')
    expect(into.committed).toEqual([])
    await clock.advanceAsync(500)
    expect(newer.story()).toContain('checkpoint-committed 1')
    expect(into.committed).toEqual(['A'])
  })

  it('do not take the job over from each other forever', async () => {
    const { clock, another } = pair()
    const [older, newer] = [another(), another()]
    await clock.advanceAsync(20_000)
    const ends = [older.ended(), newer.ended()]
    expect(ends.filter((end) => end === undefined)).toHaveLength(1)
    expect(ends.find((end) => end !== undefined)).toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect([...older.story(), ...newer.story()].filter((one) => one === 'restored 0').length).toBeLessThanOrEqual(2)
  })

  it('that start at once each write nothing twice', async () => {
    const { from, into, clock, another } = pair()
    const many = Array.from({ length: 5 }, () => another())
    from.push('a', 'b', 'c')
    await clock.advanceAsync(30_000)
    expect(many.filter((one) => one.ended() === undefined)).toHaveLength(1)
    expect(into.committed).toEqual(['A', 'B', 'C'])
  })

  it('let a copy that slept through its replacement end without disturbing it', async () => {
    const { from, into, storage, clock, another } = pair()
    let gate = deferred()
    gate.resolve()
    const asleep: CheckpointStorage = {
      ...storage,
      async put(key, bytes) {
        await gate.promise
        await storage.put(key, bytes)
      },
    }
    const older = another(asleep)
    from.push('a')
    await clock.advanceAsync(1_000)
    gate = deferred()
    await clock.advanceAsync(1_000)
    const newer = another()
    from.push('b')
    await clock.advanceAsync(1_500)
    expect(into.committed).toEqual(['A', 'B'])
    gate.resolve()
    await clock.advanceAsync(10_000)
    expect(await failure(older)).toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect(newer.ended()).toBeUndefined()
    expect(newer.story().filter((one) => one.startsWith('restarting'))).toEqual([])
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('one of which was cancelled while it took the job over leave it to the other', async () => {
    const { storage, clock, another } = pair()
    const gate = deferred()
    const slow: CheckpointStorage = {
      ...storage,
      async list(prefix) {
        await gate.promise
        return storage.list(prefix)
      },
    }
    const cancelled = another(slow)
    await clock.advanceAsync(1)
    await cancelled.handle.cancel()
    const other = another()
    await clock.advanceAsync(10)
    gate.resolve()
    await settle()
    await clock.advanceAsync(3_000)
    expect(other.ended()).toBeUndefined()
    expect(other.story()).toContain('checkpoint-committed 1')
    expect(other.story()).not.toContain('restarting')
  })
})
