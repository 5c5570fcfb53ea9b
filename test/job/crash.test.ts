import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Probe, ProtocolStep } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { type MemorySource, memorySource } from '../../src/memory/memorySource.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { type Death, life } from './mortal.ts'
import { failure, start, untilEnd, upper } from './running.ts'

/** Those that a job without Kafka passes. */
const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'committed', 'rolled']

const upperOf = (values: readonly string[]): string[] => values.map((value) => value.toUpperCase())

/** A job whose input grows while it runs. */
function ground() {
  const [from, into, storage, clock] = [memorySource<string>(), memorySink<string>(), memoryStorage(), virtualClock()]
  const input: string[] = []
  let next = 0
  return {
    ...{ from, into, storage, clock, input },
    push(count: number): void {
      const values = Array.from({ length: count }, () => `v${next++}`)
      input.push(...values)
      from.push(...values)
    },
  }
}

/** Calls `act` the second time that a step is passed. */
function at(step: ProtocolStep, act: () => void): Probe {
  let passed = 0
  return (seen) => {
    if (seen === step && ++passed === 2) act()
  }
}

describe('a job that ends at a step of the protocol and is started again', () => {
  for (const step of steps) {
    it(`writes everything once: cancelled at "${step}"`, async () => {
      const { from, into, storage, clock, input, push } = ground()
      const first = start(upper(from, into), { storage, clock, probe: at(step, () => void first.handle.cancel()) })
      push(3)
      await clock.advanceAsync(1_500)
      push(3)
      await clock.advanceAsync(1_500)
      expect(first.ended()).toMatchObject({ outcome: 'cancelled' })
      push(3)
      from.end()
      await untilEnd(start(upper(from, into), { storage, clock }))
      expect(into.committed).toEqual(upperOf(input))
    })

    it(`writes everything once: an error at "${step}"`, async () => {
      const { from, into, storage, clock, input, push } = ground()
      const broken = () => {
        throw new FatalError('BROKEN', 'by the test')
      }
      const first = start(upper(from, into), { storage, clock, probe: at(step, broken) })
      push(3)
      await clock.advanceAsync(1_500)
      push(3)
      expect(await failure(first)).toMatchObject({ code: 'BROKEN' })
      push(3)
      from.end()
      await untilEnd(start(upper(from, into), { storage, clock }))
      expect(into.committed).toEqual(upperOf(input))
    })

    it(`continues in the next attempt after a Retriable error at "${step}"`, async () => {
      const { from, into, storage, clock, input, push } = ground()
      const broken = () => {
        throw new RetriableError('BROKEN', 'by the test')
      }
      const restart = fixedDelay({ attempts: 1, delay: 10 })
      const running = start(upper(from, into), { storage, clock, restart, probe: at(step, broken) })
      push(3)
      await clock.advanceAsync(1_500)
      push(3)
      await clock.advanceAsync(1_500)
      expect(running.story()).toContain('restarting BROKEN 10')
      from.end()
      expect(await untilEnd(running)).toMatchObject({ outcome: 'finished' })
      expect(into.committed).toEqual(upperOf(input))
    })
  }
})

describe('a job that is started again', () => {
  it('commits what its last checkpoint has prepared, then drops what it has not decided', async () => {
    const { from, into, storage, clock, push } = ground()
    const told: string[] = []
    const listening: TransactionalSink<string> = {
      ...into,
      async open(attempt) {
        const writer = await into.open(attempt)
        return {
          ...writer,
          commit(checkpoint, handle) {
            told.push(`commit ${checkpoint} ${handle}`)
            return writer.commit?.(checkpoint, handle) as Promise<void>
          },
          async discardOthers(decided) {
            told.push(`discard all but ${decided}`)
            await writer.discardOthers?.(decided)
          },
        }
      },
    }
    const first = start(upper(from, into), { storage, clock, probe: at('stored', () => void first.handle.cancel()) })
    push(1)
    await clock.advanceAsync(1_500)
    push(1)
    await clock.advanceAsync(1_500)
    const attempt = first.events.find((event) => event.type === 'started')?.attempt
    start(upper(from, listening), { storage, clock })
    await clock.advanceAsync(1)
    expect(told).toEqual([`commit 1 ${attempt}/1`, `discard all but ${attempt}/1`])
  })
})

interface LifeOfAJob {
  readonly death: Death
  /** How many values come, and after how many ms each time. */
  readonly input: readonly { readonly values: number; readonly ms: number }[]
}

const lives = fc.array(
  fc.record<LifeOfAJob>({
    death: fc.record({ effects: fc.integer({ min: 1, max: 60 }), after: fc.boolean() }),
    input: fc.array(fc.record({ values: fc.nat(3), ms: fc.nat(1_500) }), { maxLength: 6 }),
  }),
  { maxLength: 8 },
)

describe('a job that is killed again and again, before or after any effect', () => {
  it('writes everything once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.constantFrom(1, 2), async (all, maxConcurrent) => {
        const { from, into, storage, clock, input, push } = ground()
        const options = { clock, checkpointing: { maxConcurrent }, restart: fixedDelay({ attempts: 5, delay: 10 }) }
        for (const { death, input: rounds } of all) {
          const mortal = life(storage, into, death)
          const running = start(upper(from, mortal.sink), { ...options, storage: mortal.storage })
          for (const { values, ms } of rounds) {
            push(values)
            await clock.advanceAsync(ms)
          }
          await running.handle.cancel()
        }
        push(2)
        from.end()
        await untilEnd(start(upper(from, into), { ...options, storage }))
        expect(into.committed).toEqual(upperOf(input))
      }),
      { numRuns: 150 },
    )
  })

  it('of two runs at a time still writes everything once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (all) => {
        const { from, into, storage, clock, input, push } = ground()
        const options = { clock, restart: fixedDelay({ attempts: 5, delay: 10 }) }
        const running = all.map(({ death }) => {
          const mortal = life(storage, into, death)
          return () => start(upper(from as MemorySource<string>, mortal.sink), { ...options, storage: mortal.storage })
        })
        const started = []
        for (const [at, { input: rounds }] of all.entries()) {
          started.push(running[at]?.())
          for (const { values, ms } of rounds) {
            push(values)
            await clock.advanceAsync(ms)
          }
          await started
            .at(-3)
            ?.handle.cancel()
            .catch(() => undefined)
        }
        for (const one of started) await one?.handle.cancel().catch(() => undefined)
        push(2)
        from.end()
        await untilEnd(start(upper(from, into), { ...options, storage }))
        expect(into.committed).toEqual(upperOf(input))
      }),
      { numRuns: 100 },
    )
  })
})
