/**
 * Ledger and storage must have one history of the job; otherwise it does not start, and nothing is
 * written.
 */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { Source } from '../../src/contracts/source.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { RetriableError } from '../../src/errors.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import type { ExecuteOptions } from '../../src/job/execute.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { life } from './mortal.ts'
import { failure, start, untilEnd, upperWithState as upper } from './running.ts'
import { sharedLedger } from './sharedLedger.ts'

function ground() {
  const [from, into, storage, clock, ledger] = [
    memorySource<string>(),
    memorySink<string>(),
    memoryStorage(),
    virtualClock(),
    sharedLedger(),
  ]
  const run = (options: Partial<ExecuteOptions> = {}, job = upper(from, ledger.under(into))) =>
    start(job, { storage, clock, ...options } as Parameters<typeof start>[1])
  return { from, into, storage, clock, ledger, run }
}

/** A job that has committed a checkpoint, and was stopped. */
async function stopped() {
  const all = ground()
  const first = all.run()
  all.from.push('a', 'b')
  await all.clock.advanceAsync(1_500)
  await Promise.all([first.handle.stop(), all.clock.advanceAsync(10)])
  const lineage = all.ledger.entry()?.lineage ?? ''
  return { ...all, lineage }
}

/** A job of the same name that is refused at the Restore, for its operators. */
function sameIdTwice(source: Source<string>, sink: TransactionalSink<string>): Job {
  return defineJob('upper', ({ from }) => {
    const elements = from(source).pipe(keyBy((value) => value))
    const counts = () => elements.pipe(scan((count) => count + 1, 0, { id: 'same' }))
    return [counts().pipe(map(String), to(sink)), counts().pipe(to(memorySink<number>({ id: 'other' })))]
  })
}

function fail(): never {
  throw new RetriableError('STORAGE_IO', 'the disk does not answer')
}

/** All that is stored, to see that nothing was. */
async function contents(storage: CheckpointStorage) {
  const keys = await storage.list('')
  return Promise.all(keys.map(async (key) => `${key} ${(await storage.get(key))?.length}`))
}

describe('a job is not started, and nothing is written,', () => {
  it('where the ledger is gone and the storage knows the job; the error names what was found where', async () => {
    const { ledger, storage, lineage, run, into } = await stopped()
    const checkpoint = ledger.entry()?.checkpoint
    ledger.lose()
    const [before, decided] = [await contents(storage), ledger.history.length]
    const refused = run()
    const error = await failure(refused)
    expect(error).toMatchObject({
      code: 'LINEAGE_MISMATCH',
      consequence: 'corrupted',
      where: { job: 'upper', shard: 0 },
    })
    expect(error.what).toContain('the ledger has no lineage')
    expect(error.what).toContain(`memory has lineage ${lineage} and checkpoint ${checkpoint}`)
    expect(error.hint).toContain(`abandonLineage: ['${lineage}']`)
    expect(await contents(storage)).toEqual(before)
    expect(ledger.history).toHaveLength(decided)
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('if the storage is another one and the ledger knows the job', async () => {
    const { ledger, run } = await stopped()
    const decided = ledger.history.length
    const other = memoryStorage()
    expect(await failure(run({ storage: other }))).toMatchObject({ code: 'LINEAGE_MISMATCH' })
    expect(await contents(other)).toEqual([])
    expect(ledger.history).toHaveLength(decided)
  })

  it('if the ledger was set back to an older lineage', async () => {
    const { ledger, run, clock, lineage } = await stopped()
    const old = ledger.entry()
    const anew = run({ abandonLineage: lineage })
    await clock.advanceAsync(100)
    await anew.handle.cancel()
    if (old !== null) ledger.put(old)
    expect(await failure(run())).toMatchObject({ code: 'LINEAGE_MISMATCH' })
  })

  it('if it ran with a ledger in its storage, and now with one in its sink', async () => {
    const { from, into, storage, clock, ledger } = ground()
    const first = start(upper(from, into), { storage, clock })
    await clock.advanceAsync(100)
    await first.handle.cancel()
    expect(await failure(start(upper(from, ledger.under(into)), { storage, clock }))).toMatchObject({
      code: 'LINEAGE_MISMATCH',
    })
    expect(ledger.history).toEqual([])
  })

  it.each([true, false])(
    'where both are gone under a job that runs; its ledger is in the storage: %s',
    async (within) => {
      const { from, into, storage, clock, ledger } = ground()
      let down = false
      const watched = {
        ...storage,
        put: async (...given: Parameters<CheckpointStorage['put']>) => (down ? fail() : storage.put(...given)),
      }
      const job = upper(from, within ? into : ledger.under(into))
      const running = start(job, { storage: watched, clock, restart: fixedDelay({ attempts: 9, delay: 100 }) })
      from.push('a', 'b')
      await clock.advanceAsync(1_500)
      const [lineage] = (await storage.list('upper/lineage/')).map((key) => key.split('/')[2]?.slice(7))
      // The folder is removed, and the disk does not answer for a moment.
      for (const key of await storage.list('')) await storage.remove(key)
      ledger.lose()
      down = true
      from.push('c')
      await clock.advanceAsync(1_050)
      down = false
      const error = await failure(running)
      expect(error).toMatchObject({ code: 'LINEAGE_MISMATCH', consequence: 'corrupted' })
      expect(error.what).toContain(`this run of the job has lineage ${lineage}`)
      expect(await contents(storage)).toEqual([])
      expect(into.committed).toEqual(['A', 'B'])
    },
  )

  it('even if no snapshot was ever written', async () => {
    const { run, clock, ledger, storage } = ground()
    const first = run()
    await clock.advanceAsync(100)
    await first.handle.cancel()
    expect(await storage.list('upper/0/')).toEqual([])
    ledger.lose()
    expect(await failure(run())).toMatchObject({ code: 'LINEAGE_MISMATCH' })
  })
})

it('a broker that does not know the ledger for a while is no reason to refuse the job', async () => {
  const { ledger, run, clock, into, from } = await stopped()
  const entry = ledger.entry()
  ledger.lose()
  const running = run()
  await clock.advanceAsync(1_000)
  if (entry !== null) ledger.put(entry)
  from.push('c')
  from.end()
  await untilEnd(running)
  expect(into.committed).toEqual(['A', 'B', 'C'])
})

describe('a lineage that is abandoned', () => {
  it('begins anew, once: with the same option the new one goes on', async () => {
    const { ledger, lineage, run, from, into, clock } = await stopped()
    ledger.lose()
    const anew = run({ abandonLineage: [lineage] })
    await clock.advanceAsync(1_500)
    await Promise.all([anew.handle.stop(), clock.advanceAsync(10)])
    const next = ledger.entry()?.lineage
    expect(next).not.toBe(lineage)
    // The source is read from its start again.
    expect(into.committed).toEqual(['A', 'B', 'A', 'B'])
    from.push('c')
    from.end()
    await untilEnd(run({ abandonLineage: [lineage] }))
    expect(ledger.entry()?.lineage).toBe(next)
    expect(into.committed).toEqual(['A', 'B', 'A', 'B', 'C'])
  })

  it('is left alone if it is another one than that which stands', async () => {
    const { ledger, lineage, run, from } = await stopped()
    from.end()
    await untilEnd(run({ abandonLineage: 'another' }))
    expect(ledger.entry()?.lineage).toBe(lineage)
  })

  it('is still there for the old options if its successor was refused', async () => {
    const { ledger, lineage, run, from, into } = await stopped()
    expect(await failure(run({ abandonLineage: lineage }, sameIdTwice(from, ledger.under(into))))).toMatchObject({
      code: 'DUPLICATE_ID',
    })
    expect(ledger.entry()).toMatchObject({ lineage })
    from.end()
    await untilEnd(run())
    expect(ledger.entry()?.lineage).toBe(lineage)
  })
})

/** Starts that are killed before, and after, each one of their effects on ledger, storage and sink, up to `most`. */
const deaths = Array.from({ length: 40 }, (_, at) => ({ effects: 1 + (at >> 1), after: at % 2 === 1 }))

describe('a start that is killed at any instant does not keep the next one from starting:', () => {
  it.each(deaths)('a first start, at effect $effects, after it: $after', async (death) => {
    const { from, into, storage, clock, ledger, run } = ground()
    from.push('a', 'b')
    const one = life(storage, into, death)
    start(upper(from, ledger.under(one.sink, one.effect)), { storage: one.storage, clock })
    await clock.advanceAsync(1_500)
    from.push('c')
    await clock.advanceAsync(1_000)
    expect(one.isDead()).toBe(true)
    from.end()
    await untilEnd(run())
    expect(into.committed).toEqual(['A', 'B', 'C'])
  })

  it.each(deaths)('one that begins anew, at effect $effects, after it: $after', async (death) => {
    const { from, into, storage, clock, ledger, lineage, run } = await stopped()
    ledger.lose()
    const one = life(storage, into, death)
    const job = upper(from, ledger.under(one.sink, one.effect))
    start(job, { storage: one.storage, clock, abandonLineage: lineage })
    await clock.advanceAsync(1_500)
    from.push('c')
    await clock.advanceAsync(1_000)
    expect(one.isDead()).toBe(true)
    // Without the option it goes on, if the new lineage has come to its genesis, and is refused as before, if not.
    if (ledger.entry() === null) expect(await failure(run())).toMatchObject({ code: 'LINEAGE_MISMATCH' })
    else await Promise.all([run().handle.stop(), clock.advanceAsync(10)])
    from.end()
    await untilEnd(run({ abandonLineage: lineage }))
    expect(into.committed).toEqual(['A', 'B', 'A', 'B', 'C'])
    expect(new Set(ledger.history.map((entry) => entry.lineage)).size).toBe(2)
  })
})

describe('a start that is refused leaves no trace:', () => {
  /** Counts by key, from one source or from two. */
  const counting = (parts: ReturnType<typeof ground>, second: boolean, id = 'count'): Job => {
    const other = memorySource<string>({ id: 'added', partitions: [[]], unbounded: true })
    return defineJob('counting', ({ from }) => {
      const [one, ...more] = second ? [from(parts.from), from(other)] : [from(parts.from)]
      return merge(one as never, ...(more as never[])).pipe(
        keyBy((value: unknown) => value as string),
        scan((count: number) => count + 1, 0, { id }),
        to(parts.ledger.under(parts.into) as never),
      )
    })
  }

  it('of a version that adds a source and lacks a state, so that the old one starts again', async () => {
    const parts = ground()
    const first = parts.run({}, counting(parts, false))
    parts.from.push('a', 'b', 'a')
    await parts.clock.advanceAsync(1_500)
    await Promise.all([first.handle.stop(), parts.clock.advanceAsync(10)])
    const before = parts.ledger.entry()
    expect(await failure(parts.run({}, counting(parts, true, 'renamed')))).toMatchObject({ code: 'STATE_UNCLAIMED' })
    expect(parts.ledger.entry()).toEqual({ ...before, owner: parts.ledger.entry()?.owner, plan: 2 })
    parts.from.end()
    await untilEnd(parts.run({}, counting(parts, false)))
    expect(parts.ledger.entry()?.positions.map(({ source }) => source)).toEqual(['memorySource:memory'])
  })

  it('and one that is not refused has the added source in the ledger before its first checkpoint', async () => {
    const parts = ground()
    const first = parts.run({}, counting(parts, false))
    parts.from.push('a')
    await parts.clock.advanceAsync(1_500)
    await Promise.all([first.handle.stop(), parts.clock.advanceAsync(10)])
    const before = parts.ledger.entry()
    parts.run({}, counting(parts, true))
    await parts.clock.advanceAsync(100)
    const after = parts.ledger.entry()
    expect(after).toMatchObject({ checkpoint: before?.checkpoint, lineage: before?.lineage })
    expect(after?.positions.map(({ source }) => source)).toEqual(['memorySource:memory', 'added'])
  })

  it('of a first version whose operators are refused: there is no genesis, and no mark', async () => {
    const { ledger, storage, run, from, into } = ground()
    expect(await failure(run({}, sameIdTwice(from, ledger.under(into))))).toMatchObject({ code: 'DUPLICATE_ID' })
    expect(ledger.history).toEqual([])
    expect(await contents(storage)).toEqual([])
  })
})
