import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProtocolStep } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { type DeadLetter, deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { type MemorySource, memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { crashTest } from '../../src/testing/crash/crashTest.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'
import { badSource } from './badSource.ts'
import { type Death, life } from './mortal.ts'
import { start, untilEnd } from './running.ts'

/** Every third value cannot be decoded, every fifth not be mapped, every seventh not be doubled, every eleventh not be looked up. */
const numberOf = (value: string): number => Number(value.slice(1))
const by = (divisor: number) => (value: string) => numberOf(value) % divisor === 0

function throwing(isBad: (value: string) => boolean) {
  return map((value: string) => {
    if (isBad(value)) throw new RangeError('bad')
    return value
  })
}

function* twice(value: string): Iterable<string> {
  yield `${value}.1`
  if (by(7)(value)) throw new RangeError('only one')
  yield `${value}.2`
}

function lookedUp(clock: VirtualClock) {
  return asyncMap<string, string>(async (value) => {
    await clock.sleep(numberOf(value) % 4)
    if (by(11)(value)) throw new Error('not found')
    return value
  })
}

/** Two branches, which barriers pass at different times. */
function twoBranches(
  from: MemorySource<string>,
  clock: VirtualClock,
  sinks: { one: TransactionalSink<string>; two: TransactionalSink<string>; dead: TransactionalSink<DeadLetter> },
): Job {
  return defineJob(
    'letters',
    (builder) => {
      const all = builder.from(badSource(from, by(3)))
      return [all.pipe(throwing(by(5)), flatMap(twice), to(sinks.one)), all.pipe(lookedUp(clock), to(sinks.two))]
    },
    { onError: deadLetter(sinks.dead) },
  )
}

const expected = (input: readonly string[]) => {
  const decoded = input.filter((value) => !by(3)(value))
  const mapped = decoded.filter((value) => !by(5)(value))
  return {
    one: mapped.filter((value) => !by(7)(value)).flatMap((value) => [`${value}.1`, `${value}.2`]),
    two: decoded.filter((value) => !by(11)(value)),
    dead: [
      ...input.filter(by(3)).map((value) => `${value} memorySource:memory`),
      ...decoded.filter(by(5)).map((value) => `${value} map`),
      ...mapped.filter(by(7)).map((value) => `${value} flatMap`),
      ...decoded.filter(by(11)).map((value) => `${value} asyncMap`),
    ].sort(),
  }
}

function ground() {
  const [from, storage, clock] = [memorySource<string>(), memoryStorage(), virtualClock()]
  const one = memorySink<string>({ id: 'one' })
  const two = memorySink<string>({ id: 'two' })
  const dead = memorySink<DeadLetter>({ id: 'dead' })
  const input: string[] = []
  return {
    ...{ from, storage, clock, one, two, dead, input },
    push(count: number): void {
      const values = Array.from({ length: count }, (_, at) => `v${input.length + at + 1}`)
      input.push(...values)
      from.push(...values)
    },
    output: () => ({
      one: one.committed,
      two: two.committed,
      dead: dead.committed.map(({ value, operator }) => `${value} ${operator}`).sort(),
    }),
  }
}

const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'committed', 'rolled']
const restart = fixedDelay({ attempts: 5, delay: 10 })

describe('a job with dead letters that ends at a step of the protocol and is started again', () => {
  const ends = steps.flatMap((step) => (['cancelled', 'an error'] as const).map((how) => [step, how] as const))

  it.each(ends)('writes output and dead letters once: "%s", %s', async (step, how) => {
    const { from, storage, clock, push, output, input, ...sinks } = ground()
    let passed = 0
    const first = start(twoBranches(from, clock, sinks), {
      ...{ storage, clock, restart },
      probe(seen) {
        if (seen !== step || ++passed !== 2) return
        if (how === 'an error') throw new RetriableError('BROKEN', 'by the test')
        void first.handle.cancel()
      },
    })
    for (let round = 0; round < 4; round++) {
      push(9)
      await clock.advanceAsync(1_500)
    }
    expect(passed).toBeGreaterThanOrEqual(2)
    await first.handle.cancel()
    push(3)
    from.end()
    await untilEnd(start(twoBranches(from, clock, sinks), { storage, clock }))
    expect(output()).toEqual(expected(input))
  })
})

interface LifeOfAJob {
  readonly death: Death
  readonly input: readonly { readonly values: number; readonly ms: number }[]
}

const lives = fc.array(
  fc.record<LifeOfAJob>({
    death: fc.record({ effects: fc.integer({ min: 1, max: 80 }), after: fc.boolean() }),
    input: fc.array(fc.record({ values: fc.nat(12), ms: fc.nat(1_500) }), { maxLength: 6 }),
  }),
  { maxLength: 8 },
)

describe('a job with dead letters that is killed again and again, before or after any effect', () => {
  it('writes output and dead letters once, and the output in order', async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.constantFrom(1, 2), async (all, maxConcurrent) => {
        const { from, storage, clock, push, output, input, one, two, dead } = ground()
        const options = { clock, checkpointing: { maxConcurrent }, restart }
        for (const { death, input: rounds } of all) {
          const mortal = life(storage, one, death)
          const sinks = { one: mortal.sink, two: mortal.mortal(two), dead: mortal.mortal(dead) }
          const running = start(twoBranches(from, clock, sinks), { ...options, storage: mortal.storage })
          for (const { values, ms } of rounds) {
            push(values)
            await clock.advanceAsync(ms)
          }
          await running.handle.cancel()
        }
        push(5)
        from.end()
        await untilEnd(start(twoBranches(from, clock, { one, two, dead }), { ...options, storage }))
        expect(output()).toEqual(expected(input))
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('crashTest', () => {
  it('finds no step at which a crash loses or doubles a dead letter', async () => {
    const report = await crashTest<{ values: string }, { out: string; dead: DeadLetter }>(
      ({ source, sink }) =>
        defineJob('crashes', ({ from }) => from(source('values')).pipe(throwing(by(3)), to(sink('out'))), {
          onError: deadLetter(sink('dead')),
        }),
      { input: { values: Array.from({ length: 10 }, (_, at) => `v${at + 1}`) } },
    )
    expect(report.steps.some((step) => step.includes('the write of record 1 to dead'))).toBe(true)
  }, 60_000)
})
