/**
 * Keyed state through the real runner: part of checkpoints, restored by the next attempt and the
 * next execution.
 */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob, type Job, type JobOptions } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { type MemorySource, memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { scan } from '../../src/operators/scan.ts'
import { tap } from '../../src/operators/tap.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { lmdbState } from '../../src/state/lmdbState.ts'
import { memoryState } from '../../src/state/memoryState.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { failure, start, untilEnd } from './running.ts'

/** Counts the words of each kind: "word:3". */
function counting(
  words: MemorySource<string>,
  counts: ReturnType<typeof memorySink<string>>,
  options: JobOptions & { id?: string; look?: (word: string) => void } = {},
): Job {
  const { id = 'count', look = () => undefined, ...jobOptions } = options
  const pipeline: Job['pipeline'] = ({ from }) =>
    from(words).pipe(
      tap(look),
      keyBy((word) => word),
      scan((count) => count + 1, 0, { id }),
      map((count, { key }) => `${key}:${count}`),
      to(counts),
    )
  return defineJob('words', pipeline, jobOptions)
}

/** So many words, each `times` times, in an order that mixes them. */
const mixed = (kinds: number, times: number) =>
  Array.from({ length: kinds * times }, (_, at) => `w${(at * 7919) % kinds}`)

const inOrder = (words: readonly string[]) => {
  const counts = new Map<string, number>()
  return words.map((word) => {
    counts.set(word, (counts.get(word) ?? 0) + 1)
    return `${word}:${counts.get(word)}`
  })
}

const keepers = [
  ['in memory', async () => memoryState()],
  ['in LMDB', async () => lmdbState(await temporaryFolder())],
  ['in LMDB, with little of it in memory', async () => lmdbState(await temporaryFolder(), { cache: 7 })],
] as const

describe.each(keepers)('keyed state %s', (_, keeper) => {
  it('goes on where the last checkpoint was, in the next execution', async () => {
    const words = memorySource<string>()
    const counts = memorySink<string>()
    const storage = memoryStorage()
    words.push('a', 'b', 'a')
    const first = start(counting(words, counts), { storage, state: await keeper() })
    await first.clock.advanceAsync(1_000)
    words.push('b')
    await first.clock.advanceAsync(10)
    await first.handle.cancel()
    words.push('a')
    words.end()
    await untilEnd(start(counting(words, counts), { storage, state: await keeper() }))
    expect(counts.committed).toEqual(inOrder(['a', 'b', 'a', 'b', 'a']))
  })

  it.each([10, 999, 1_001, 5_000])('of %i keys survives failures between and within checkpoints', async (kinds) => {
    const words = mixed(kinds, 4)
    const counts = memorySink<string>()
    const source = memorySource<string>()
    let left = 3
    let seen = 0
    const look = (): void => {
      seen += 1
      if (left > 0 && seen % Math.floor(words.length / 5) === 0) {
        left -= 1
        throw new RetriableError('KILLED', 'for the test')
      }
    }
    const running = start(counting(source, counts, { look }), {
      restart: fixedDelay({ delay: 10, attempts: 100 }),
      state: await keeper(),
    })
    for (let at = 0; at < words.length; at += 500) {
      source.push(...words.slice(at, at + 500))
      await running.clock.advanceAsync(400)
    }
    source.end()
    await untilEnd(running)
    expect(left).toBe(0)
    expect(counts.committed).toEqual(inOrder(words))
  })

  it('keeps of the older snapshots those that are needed, and removes the others', async () => {
    const source = memorySource<string>()
    const storage = memoryStorage()
    const running = start(counting(source, memorySink<string>()), { storage, state: await keeper() })
    source.push(...mixed(20_000, 1))
    // The source gives 500 at a turn.
    for (let turn = 0; turn < 50; turn++) await running.clock.advanceAsync(1)
    await running.clock.advanceAsync(1_000)
    let most = 0
    for (let at = 0; at < 100; at++) {
      source.push(`w${at}`)
      await running.clock.advanceAsync(1_000)
      most = Math.max(most, (await storage.list('words/0/chk-')).length)
    }
    expect(most).toBeGreaterThan(4)
    expect(most).toBeLessThan(20)
    await running.handle.cancel()
    const found = memorySink<string>()
    source.push('w3', 'w19999')
    source.end()
    await untilEnd(start(counting(source, found), { storage, state: await keeper() }))
    expect(found.committed.slice(-2)).toEqual(['w3:3', 'w19999:2'])
  })
})

describe('a job that does not have what its checkpoint has', () => {
  async function stopped() {
    const words = memorySource<string>()
    const storage = memoryStorage()
    words.push('a')
    const running = start(counting(words, memorySink<string>()), { storage })
    await running.clock.advanceAsync(1_000)
    await running.handle.cancel()
    return { words, storage }
  }

  it('does not start, and says which operator is missing', async () => {
    const { words, storage } = await stopped()
    const error = await failure(start(counting(words, memorySink<string>(), { id: 'renamed' }), { storage }))
    expect(error).toMatchObject({ code: 'STATE_UNCLAIMED', consequence: 'fatal', where: { operator: 'count' } })
    expect(error.message).toContain("allowDropped: { state: ['count'] }")
  })

  it('starts without it if that is allowed, and from then on without being allowed to', async () => {
    const { words, storage } = await stopped()
    const counts = memorySink<string>()
    const allowed = { id: 'renamed', allowDropped: { state: ['count'] } }
    const second = start(counting(words, counts, allowed), { storage })
    words.push('a')
    await second.clock.advanceAsync(1_000)
    await second.handle.cancel()
    words.push('a')
    words.end()
    await untilEnd(start(counting(words, counts, { id: 'renamed' }), { storage }))
    expect(counts.committed).toEqual(['a:1', 'a:2'])
  })

  it('has not changed anything by its attempt to start', async () => {
    const { words, storage } = await stopped()
    await failure(start(counting(words, memorySink<string>(), { id: 'renamed' }), { storage }))
    const counts = memorySink<string>()
    words.push('a')
    words.end()
    await untilEnd(start(counting(words, counts), { storage }))
    expect(counts.committed).toEqual(['a:2'])
  })
})
