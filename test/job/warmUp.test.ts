import { expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { deferred } from '../../src/deferred.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execution } from '../../src/job/execution.ts'
import type { Admission } from '../../src/job/takeOver.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { valueState } from '../../src/state/valueState.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { planOf } from '../contracts/planStoreContract.ts'
import { sharedLedger } from './sharedLedger.ts'

const keys = 300
const padding = 'x'.repeat(1_000)

/** Two members, and a shard that plan 1 gives to a, plan 2 to b. */
function twoMembers() {
  const clock = virtualClock()
  const ledger = sharedLedger()
  const source = memorySource<string>()
  const sink = memorySink<string>()
  const stored = memoryStorage()
  const plans = { a: planOf(1, 'a'), b: planOf(2, 'b') }
  const { lineage } = plans.a
  const first = { lineage, checkpoint: 0, snapshot: null, positions: [], handles: {}, slots: '0-255', plan: 1 }
  ledger.put({ ...first, owner: 'a' })
  /** Snapshots that a member has read, by number of checkpoint. */
  const read: Record<string, number[]> = { a: [], b: [] }
  /** How often each has asked the ledger. */
  const asked = { a: 0, b: 0 }

  function member(me: 'a' | 'b') {
    const admission = deferred<Admission>()
    const steps: string[] = []
    const fired: string[] = []
    const job = defineJob('words', ({ from }) =>
      from(source).pipe(
        keyBy((word) => word),
        keyedProcess(
          {
            state: { seen: valueState<{ n: number; padding: string }>() },
            onElement(word, { state, timers }) {
              const n = (state.seen.get()?.n ?? 0) + 1
              state.seen.set({ n, padding })
              if (word === 'timed' && n === 1) timers.processing.set(clock.now() + 5_000)
              return [`${word}:${n}`]
            },
            onProcessingTimer(_, { state }) {
              fired.push(me)
              return [`fired:${state.seen.get()?.n}`]
            },
          },
          { id: 'seen' },
        ),
        to(
          ledger.under(sink, (act) => {
            asked[me] += 1
            return act()
          }),
        ),
      ),
    )
    const note = (key: string): string => {
      if (key.includes('chk-')) read[me]?.push(Number(/chk-(\d+)/.exec(key)?.[1]))
      return key
    }
    const storage = { ...stored, get: (key: string) => stored.get(note(key)) }
    const run = execution(
      job,
      { storage, clock, checkpointing: { interval: 100 } },
      {
        ...{ execution: me, shard: 0, shards: 1, plan: plans[me] },
        admitted() {
          steps.push('opened')
          return admission.promise
        },
        loaded: () => steps.push('loaded'),
      },
    )
    run.done.catch(() => undefined)
    return { run, steps, fired, go: () => admission.resolve({ number: plans[me].number, free: true }) }
  }
  /** Loading lets others have their turn, which needs more than promises. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      await clock.advanceAsync(50)
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { pass, source, sink, ledger, read, asked, member }
}

it('loads the state of a shard while it runs elsewhere, and after the release only what has changed', async () => {
  const { pass, source, sink, ledger, read, member } = twoMembers()
  const a = member('a')
  a.go()
  await pass(300)
  source.push(...Array.from({ length: keys }, (_, key) => `key-${key}`), 'timed')
  await pass(300)
  const b = member('b')
  await pass(300)
  expect(b.steps).toEqual(['opened', 'loaded'])
  source.push('key-7')
  await pass(1_000)
  // Nothing is read twice while nothing has changed.
  const ahead = [...(read.b ?? [])]
  source.push('key-7', 'key-8')
  await pass(150)
  const released = a.run.release(2)
  await pass(200)
  await released
  const final = ledger.entry()?.checkpoint as number
  b.go()
  await pass(300)
  expect(ledger.entry()).toMatchObject({ owner: 'b', plan: 2 })
  expect(read.b?.slice(ahead.length).every((checkpoint) => checkpoint > Math.max(...ahead))).toBe(true)
  expect(Math.max(...(read.b ?? []))).toBe(final)
  source.push('key-7', 'key-9', 'timed')
  await pass(6_000)
  expect(sink.records.map(({ value }) => value).slice(keys + 1)).toEqual([
    ...['key-7:2', 'key-7:3', 'key-8:2', 'key-7:4', 'key-9:2', 'timed:2', 'fired:2'],
  ])
  expect([a.fired, b.fired]).toEqual([[], ['b']])
  await b.run.cancel()
})

it('begins with the entry that the check of the history has read, so no takeover waits for a read', async () => {
  const { pass, source, read, asked, member } = twoMembers()
  const a = member('a')
  a.go()
  await pass(300)
  source.push('word')
  await pass(300)
  const b = member('b')
  await pass(100)
  expect(b.steps).toEqual(['opened', 'loaded'])
  expect(read.b?.length).toBeGreaterThan(0)
  expect(asked.b).toBe(1)
  await pass(500)
  expect(asked.b).toBe(2)
  await Promise.all([a.run.cancel(), b.run.cancel()])
})

it('sets no timer in a rehearsal', async () => {
  const { pass, source, sink, member } = twoMembers()
  const a = member('a')
  a.go()
  await pass(300)
  source.push('timed')
  await pass(300)
  const b = member('b')
  await pass(10_000)
  expect([a.fired, b.fired]).toEqual([['a'], []])
  expect(sink.records.map(({ value }) => value)).toEqual(['timed:1', 'fired:1'])
  await Promise.all([a.run.cancel(), b.run.cancel()])
})

it('counts nothing in a rehearsal, so that operators keep their names in metrics', async () => {
  const { pass, source, member } = twoMembers()
  const a = member('a')
  a.go()
  await pass(300)
  source.push('word')
  await pass(300)
  const b = member('b')
  await pass(300)
  await a.run.release(2)
  b.go()
  await pass(300)
  source.push('word')
  await pass(300)
  const counted = b.run.read().filter(({ name }) => name === 'operator.records')
  expect(counted.map(({ labels, value }) => [labels.operator, value])).toEqual([
    ['keyBy', 1],
    ['seen', 1],
  ])
  await b.run.cancel()
})
