/** A checkpoint that is kept under a name: it outlives retention, and no half of one is ever there. */
import { describe, expect, it } from 'vitest'
import { cached } from '../../../src/checkpoint/cached.ts'
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { findSavepoint, removeSavepoint, savepoints } from '../../../src/checkpoint/savepoints/savepoints.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import { savepointsOf } from '../../../src/job/savepoints/savepointsOf.ts'
import { ledgerStorage } from '../../../src/kafka/ledger/ledgerStorage.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { rejectionOf } from '../../../tools/support/thrown.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { life } from '../mortal.ts'
import { restless, start, untilEnd, upperWithState as upper } from '../running.ts'
import { upper as shouting, spread, storageOf, until } from '../shards/spread.ts'
import { sharedLedger } from '../sharedLedger.ts'
import { keptCounts } from './keptCounts.ts'

function ground(storage: CheckpointStorage = memoryStorage()) {
  const clock = virtualClock()
  const job = upper(restless(clock), memorySink<string>())
  return { clock, storage, job, running: start(job, { storage, clock }) }
}

const storages: Readonly<Record<string, () => Promise<CheckpointStorage>>> = {
  memory: async () => memoryStorage(),
  files: async () => fileStorage(await temporaryFolder()),
  'files and a cache': async () =>
    cached(fileStorage(await temporaryFolder()), await temporaryFolder(), { limit: 1e9 }),
}

describe('a savepoint', () => {
  it.each(Object.entries(storages))('is listed and can be read, long after its checkpoint, in %s', async (_, open) => {
    const { storage, clock, running } = ground(await open())
    const committed = () => running.story().filter((one) => one.startsWith('checkpoint-committed')).length
    await until(clock, () => committed() === 3)
    const kept = await running.handle.savepoint('before-v2')
    const then = await keptCounts(storage, 'upper', 'before-v2')
    await until(clock, () => committed() === 20)
    // One that is not a part of the ledger entry has been superseded and removed by now.
    expect(await storage.list('upper/0/chk-00000000000')).not.toContainEqual(expect.stringMatching(/00000[1-5]-/))
    expect(await savepoints(storage, 'upper')).toEqual([kept])
    expect(await keptCounts(storage, 'upper', 'before-v2')).toEqual(then)
    expect(Object.keys(then)).toEqual(['x'])
  })

  it('of a job over shards has a checkpoint of each of them, under one plan', async () => {
    const [log, clock, storage] = [await temporaryLog({ in: 3, out: 3 }), virtualClock(), await storageOf()]
    const job = shouting(log)
    const running = spread(job, { clock, storage, shards: 3, checkpointing: { interval: 100 } })
    log.append(
      'in',
      [0, 1, 2].map((partition) => ({ value: 'a', partition })),
    )
    await until(clock, () => [0, 1, 2].every((partition) => valuesOf(log, 'out', partition).length === 1))
    const { checkpoints } = await savepointsOf(job, { storage, clock, shards: 3 }).keep('a')
    const kept = await findSavepoint(storage, 'upper', 'a')
    expect(checkpoints).toHaveLength(3)
    expect(kept?.entries.map(({ positions }) => positions[0]?.splits.map(({ offset }) => offset))).toEqual([
      [1],
      [1],
      [1],
    ])
    expect(kept?.slots?.slice(0, 4)).toEqual([0, 1, 2, 0])
    await running.handle.stop()
  })

  it('of the end of a job has its final checkpoint', async () => {
    const { storage, clock, running } = ground()
    await clock.advanceAsync(2_500)
    const stopped = running.handle.stop({ savepoint: 'last' })
    const { checkpoint, outcome } = await untilEnd(running)
    expect(outcome).toBe('stopped')
    expect(await stopped).toEqual({ checkpoint, outcome })
    expect(await savepoints(storage, 'upper')).toMatchObject([{ name: 'last', checkpoints: [checkpoint] }])
  })

  it('is refused under a name that is taken, and the job goes on', async () => {
    const { storage, clock, running } = ground()
    await clock.advanceAsync(2_500)
    const first = await running.handle.savepoint('a')
    await clock.advanceAsync(2_500)
    expect(await rejectionOf(running.handle.savepoint('a'))).toMatchObject({ code: 'SAVEPOINT_EXISTS' })
    expect(await rejectionOf(running.handle.stop({ savepoint: 'a' }))).toMatchObject({ code: 'SAVEPOINT_EXISTS' })
    expect(await savepoints(storage, 'upper')).toEqual([first])
    expect(running.ended()).toBeUndefined()
  })

  it('of two that are taken at once under one name is one, and whole', async () => {
    const { storage, clock, running } = ground()
    await clock.advanceAsync(2_500)
    const both = await Promise.allSettled([running.handle.savepoint('a'), running.handle.savepoint('a')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await keptCounts(storage, 'upper', 'a')).not.toEqual({})
    const keys = await storage.list('upper/savepoint/')
    expect(new Set(keys.map((key) => key.split('/')[3])).size).toBe(2)
  })

  it('is gone without a trace once it is removed', async () => {
    const { storage, clock, running } = ground()
    await clock.advanceAsync(2_500)
    await running.handle.savepoint('a')
    await running.handle.savepoint('b')
    await removeSavepoint(storage, 'upper', 'a')
    await removeSavepoint(storage, 'upper', 'never-there')
    expect((await savepoints(storage, 'upper')).map(({ name }) => name)).toEqual(['b'])
    expect(await storage.list('upper/savepoint/a/')).toEqual([])
  })

  it('with a name that is none is BAD_OPTION', async () => {
    const { clock, running } = ground()
    await clock.advanceAsync(2_500)
    expect(await rejectionOf(running.handle.savepoint('a/b'))).toMatchObject({ code: 'BAD_OPTION' })
    expect(await rejectionOf(savepoints(memoryStorage(), '../etc'))).toMatchObject({ code: 'BAD_OPTION' })
  })

  it('before the first start of a job is refused', async () => {
    const { running } = ground()
    expect(await rejectionOf(running.handle.savepoint('a'))).toMatchObject({ code: 'SAVEPOINT_TOO_EARLY' })
  })

  it('beside ledgerStorage, or a ledger that only the job reads, is refused before anything is written', async () => {
    const clock = virtualClock()
    const sink = sharedLedger().under(memorySink<string>())
    const unread = start(upper(restless(clock), sink), { clock })
    await clock.advanceAsync(2_500)
    for (const handle of [
      unread.handle,
      start(upper(restless(clock), sink), { clock, storage: ledgerStorage() }).handle,
    ]) {
      expect(await rejectionOf(handle.savepoint('a'))).toMatchObject({ code: 'CANNOT_KEEP_SAVEPOINT' })
      expect(await rejectionOf(handle.stop({ savepoint: 'a' }))).toMatchObject({ code: 'CANNOT_KEEP_SAVEPOINT' })
    }
    expect(unread.ended()).toBeUndefined()
    expect(await unread.storage.list('upper/savepoint/')).toEqual([])
  })

  it('whose taking is killed at any step is whole or not there', async () => {
    let listed = 0
    for (let effects = 1; effects <= 14; effects++) {
      for (const after of [false, true]) {
        const { storage, clock, running, job } = ground()
        await clock.advanceAsync(3_500)
        const mortal = life(storage, memorySink<string>(), { effects, after })
        const other = start(job, { storage: mortal.storage, clock: virtualClock() })
        await other.handle.cancel()
        other.handle.savepoint('a').catch(() => undefined)
        await clock.advanceAsync(10_000)
        const found = await savepoints(storage, 'upper')
        listed += found.length
        for (const { name } of found) expect(await keptCounts(storage, 'upper', name)).not.toEqual({})
        await running.handle.cancel()
      }
    }
    expect(listed).toBeGreaterThan(0)
  })
})
