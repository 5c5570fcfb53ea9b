/**
 * `keyedProcess` through the real runner: handles and timers survive restarts, with every state
 * backend.
 */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { listState } from '../../src/state/listState.ts'
import { lmdbState } from '../../src/state/lmdbState.ts'
import { mapState } from '../../src/state/mapState.ts'
import { memoryState } from '../../src/state/memoryState.ts'
import { valueState } from '../../src/state/valueState.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { start, untilEnd } from './running.ts'

const keepers = [
  ['in memory', async () => memoryState()],
  ['in LMDB, with little of it in memory', async () => lmdbState(await temporaryFolder(), { cache: 3 })],
] as const

const keys = 40
const rounds = 12

describe.each(keepers)('process, with its state %s', (_, keeper) => {
  it('has value, list, map and timers again after each restart, and fires each timer once', async () => {
    const [source, into, storage] = [memorySource<number>(), memorySink<string>(), memoryStorage()]
    const timed = boundedOutOfOrderness(0).withTimestamps((_: number, { offset }) => offset)
    const state = await keeper()
    const job = defineJob('handles', ({ from }) =>
      from(source, timed).pipe(
        keyBy((number) => `k${number % keys}`),
        keyedProcess(
          {
            state: { count: valueState<number>(), all: listState<number>(), rests: mapState<number, number>() },
            onElement(number, { state, timers, record }) {
              const count = (state.count.get() ?? 0) + 1
              state.count.set(count)
              state.all.add(number)
              state.rests.set(number % 3, (state.rests.get(number % 3) ?? 0) + 1)
              timers.event.set(record.timestamp + keys / 2)
              if (count === 5) state.all.set(state.all.get().slice(-2))
            },
            onEventTimer(_, { key, state }) {
              const rests = [0, 1, 2].map((rest) => state.rests.get(rest) ?? 0)
              return [`${key}: ${state.count.get()} ${state.all.get().join()} ${rests.join()}`]
            },
          },
          { id: 'handles' },
        ),
        to(into),
      ),
    )
    const numbers = Array.from({ length: keys * rounds }, (_, number) => number)
    for (let round = 0; round < rounds; round += 4) {
      source.push(...numbers.slice(round * keys, (round + 4) * keys))
      if (round + 4 === rounds) source.end()
      const running = start(job, { storage, state })
      await running.clock.advanceAsync(1_500)
      if (round + 4 === rounds) await untilEnd(running)
      else await running.handle.stop()
    }
    expect(into.committed.length).toBe(numbers.length)
    for (const number of numbers) {
      const before = numbers.filter((other) => other <= number && other % keys === number % keys)
      const all = before.length < 5 ? before : before.slice(3)
      const rests = [0, 1, 2].map((rest) => before.filter((other) => other % 3 === rest).length)
      expect(into.committed[number]).toBe(`k${number % keys}: ${before.length} ${all.join()} ${rests.join()}`)
    }
  })
})
