import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Probe, ProtocolStep } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { samePartition } from '../../src/sinks/partitioner.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { failure, start, untilEnd } from '../job/running.ts'
import { openLog, temporaryLog, valuesOf } from './temporaryLog.ts'

const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'ledger', 'committed', 'rolled']

const upper = (log: EmbeddedLog, until?: 'latest'): Job =>
  defineJob('upper', ({ from }) =>
    from(embeddedSource(log, { topic: 'in', value: text, until })).pipe(
      map((line) => line.toUpperCase()),
      to(embeddedSink(log, { topic: 'out', value: text, partitioner: samePartition })),
    ),
  )

/** Appends numbered values to two partitions, in turn. */
function feeder(log: EmbeddedLog) {
  let next = 0
  return async (count: number): Promise<void> => {
    const values = Array.from({ length: count }, () => ({ value: `v${next}`, partition: next++ % 2 }))
    await log.append('in', values)
  }
}

/** Every value once, in its partition, in its order. */
function expectAll(log: EmbeddedLog): void {
  for (const partition of [0, 1]) {
    const input = valuesOf(log, 'in', partition).map((value) => value?.toUpperCase())
    expect(valuesOf(log, 'out', partition)).toEqual(input)
  }
}

describe('a job from an embedded log into it', () => {
  it('processes all that is there, and finishes', async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    await feeder(log)(100)
    expect(await untilEnd(start(upper(log, 'latest')))).toEqual({ outcome: 'finished', checkpoint: 1 })
    expectAll(log)
  })

  it('keeps its ledger in the log, and of a job without state only lineage marks in the storage', async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const running = start(upper(log, 'latest'))
    await untilEnd(running)
    expect((await running.storage.list('')).filter((key) => !key.startsWith('upper/lineage/'))).toEqual([])
  })

  it('reads on where it was', async () => {
    const [log, storage] = [await temporaryLog({ in: 2, out: 2 }), memoryStorage()]
    const feed = feeder(log)
    for (let round = 0; round < 3; round++) {
      await feed(5)
      await untilEnd(start(upper(log, 'latest'), { storage }))
    }
    expectAll(log)
  })

  it('never resumes with another storage', async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    await feeder(log)(5)
    await untilEnd(start(upper(log, 'latest')))
    expect(await failure(start(upper(log, 'latest')))).toMatchObject({
      code: 'LINEAGE_MISMATCH',
      consequence: 'corrupted',
    })
    expectAll(log)
  })

  it('decides a checkpoint of several sinks at once, whichever log they write to', async () => {
    const [log, other] = [await temporaryLog({ in: 1, out: 1 }), await temporaryLog({ out: 1 })]
    await log.append('in', [{ value: 'a' }])
    const sinks = [embeddedSink(log, { topic: 'out', value: text }), memorySink<string>()]
    const job = (into: typeof sinks) =>
      defineJob('several', ({ from }) => {
        const lines = from(embeddedSource(log, { topic: 'in', value: text, until: 'latest' }))
        return into.map((sink) => lines.pipe(to(sink)))
      })
    await untilEnd(start(job(sinks)))
    expect(valuesOf(log, 'out')).toEqual(['a'])
    const two = [...sinks, embeddedSink(other, { topic: 'out', value: text, id: 'other' })]
    expect(await failure(start(job(two)))).toMatchObject({ code: 'TWO_LEDGERS', consequence: 'fatal' })
  })

  it('of which a newer run takes over commits nothing more, and ends as Fenced', async () => {
    const [log, storage, clock] = [await temporaryLog({ in: 2, out: 2 }), memoryStorage(), virtualClock()]
    const another = (own: EmbeddedLog) =>
      start(upper(own), { storage, clock, restart: fixedDelay({ attempts: 5, delay: 10 }) })
    const feed = feeder(log)
    const older = another(log)
    await feed(3)
    await clock.advanceAsync(1_500)
    const newer = another(openLog(log.file))
    await clock.advanceAsync(1)
    await feed(3)
    await clock.advanceAsync(600)
    expect(older.story().at(-1)).toMatch(/^restarting LEDGER_OVERTAKEN/)
    await clock.advanceAsync(5_000)
    expect(await failure(older)).toMatchObject({ code: 'OWNED_BY_ANOTHER', consequence: 'fenced' })
    expect(newer.ended()).toBeUndefined()
    expectAll(log)
  })

  for (const step of steps) {
    it(`writes everything once when an attempt fails at "${step}"`, async () => {
      const log = await temporaryLog({ in: 2, out: 2 })
      let passed = 0
      const probe: Probe = (seen) => {
        if (seen === step && ++passed === 2) throw new RetriableError('BROKEN', 'by the test')
      }
      const running = start(upper(log), { probe, restart: fixedDelay({ attempts: 1, delay: 10 }) })
      const feed = feeder(log)
      for (let round = 0; round < 4; round++) {
        await feed(3)
        await running.clock.advanceAsync(1_000)
      }
      expect(running.story()).toContain('restarting BROKEN 10')
      expect(await running.handle.stop()).toMatchObject({ outcome: 'stopped' })
      await untilEnd(start(upper(log, 'latest'), { storage: running.storage }))
      expectAll(log)
    })
  }

  it('that is cancelled anywhere, any number of times, writes everything once', async () => {
    const life = fc.record({
      step: fc.constantFrom(...steps),
      count: fc.integer({ min: 1, max: 3 }),
      values: fc.nat(4),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 6 }), fc.constantFrom(1, 2), async (lives, maxConcurrent) => {
        const log = await temporaryLog({ in: 2, out: 2 })
        const [storage, feed] = [memoryStorage(), feeder(log)]
        for (const { step, count, values } of lives) {
          let passed = 0
          const probe: Probe = (seen) => {
            if (seen === step && ++passed === count) void running.handle.cancel()
          }
          const running = start(upper(log), { storage, probe, checkpointing: { maxConcurrent } })
          for (let round = 0; round < 3; round++) {
            await feed(values)
            await running.clock.advanceAsync(1_000)
          }
          await running.handle.cancel()
        }
        await untilEnd(start(upper(log, 'latest'), { storage }))
        expectAll(log)
        await log.close()
      }),
      { numRuns: 15 },
    )
  })
})
