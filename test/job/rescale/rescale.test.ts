/**
 * Another number of shards at a start: state of every kind follows its keys, so what comes out is
 * what the job with the same shards all the time writes, late records included.
 */
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { until as happens, spread, storageOf } from '../shards/spread.ts'
import { everyState, type Item, partitions } from './everyState.ts'

const keys = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kim', 'lea']
const phase = 2_000

type How = 'stop' | 'cancel' | 'rescale'

/** Runs the job with these numbers of shards, one after the other; each sees a part of the input. */
async function outputOf(numbers: readonly number[], how: How): Promise<readonly string[]> {
  const log = await temporaryLog({ in: 4, out: partitions, rules: 2 })
  const [clock, storage] = [virtualClock(), await storageOf()]
  const options = { clock, storage, rescale: 'at-start', checkpointing: { interval: 100 } } as const
  const all = () => Array.from({ length: partitions }, (_, at) => valuesOf(log, 'out', at)).flat() as string[]
  const count = (what: string) => all().filter((line) => line.startsWith(what)).length
  const fed = numbers.length * keys.length
  let running = spread(everyState(log), { ...options, shards: numbers[0] as number })
  const until = (happened: () => boolean) => happens(clock, () => running.ended() !== undefined || happened())
  const committed = () => running.events.filter(({ type }) => type === 'checkpoint-committed').length
  for (const [at, shards] of numbers.entries()) {
    // Rules first: the order between rules and items is open.
    log.append('rules', [{ value: `r${at}`, partition: at % 2 }])
    const before = committed()
    await until(() => committed() >= before + shards)
    for (let partition = 0; partition < 4; partition++) log.append('in', items(at, partition))
    await until(() => count('process ') >= (at + 1) * keys.length * 10)
    await clock.advanceAsync(1_500)
    expect(running.ended()).toBeUndefined()
    const next = numbers[at + 1]
    if (next === undefined) break
    if (how === 'rescale') {
      let moved = false
      running.handle.rescale?.(next).then(() => (moved = true))
      await until(() => moved)
      if (next !== shards)
        expect(running.events.findLast(({ type }) => type === 'plan')).toMatchObject({
          shards: Array.from({ length: next }, (_, shard) => shard),
        })
    } else {
      await running.handle[how]()
      running = spread(everyState(log), { ...options, shards: next })
    }
  }
  // Everything that has a time comes out, but for the last item of each key.
  const closing = keys.map((key, which) => ({
    ...{ value: JSON.stringify({ key, n: 0 }), timestamp: 100 * phase, partition: which % 4 },
  }))
  log.append('in', closing)
  await until(() => count('session ') >= fed)
  expect(running.ended()).toBeUndefined()
  await running.handle.stop()
  return all()
}

/** Ten of each key; the last ones belong to the phase before, whose windows have come out. */
function items(at: number, partition: number) {
  const before = at * phase
  const own = keys.filter((_, which) => which % 4 === partition)
  return Array.from({ length: 10 }, (_, n) =>
    own.map((key) => {
      const timestamp = n < 8 ? before + n * 200 : Math.max(0, before - 1_500 + n)
      return { value: JSON.stringify({ key, n: 10 * at + n } satisfies Item), timestamp, partition }
    }),
  ).flat()
}

/** In the order of each operator and key. */
function byKey(lines: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {}
  for (const line of lines) {
    const name = line.split(' ').slice(0, 2).join(' ')
    found[name] = [...(found[name] ?? []), line]
  }
  return Object.fromEntries(Object.entries(found).toSorted())
}

describe('a job of another number of shards', { timeout: 60_000 }, () => {
  it.each(['stop', 'cancel', 'rescale'] as const)('writes what it would with the same number, by %s', async (how) => {
    const unmoved = byKey(await outputOf([2, 2, 2, 2], how))
    const moved = byKey(await outputOf([2, 3, 1, 4], how))
    expect(Object.keys(unmoved).length).toBeGreaterThan(9 * keys.length - 1)
    expect(moved).toEqual(unmoved)
  })
})
