import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { watchedStorage } from '../../src/checkpoint/watchedStorage.ts'
import { type CheckpointStorage, readChunks, writeChunks } from '../../src/contracts/storage.ts'
import { type Deferred, deferred } from '../../src/deferred.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import type { Notice } from '../../src/notice.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { settle, virtualClock } from '../../src/testing/virtualClock.ts'
import { start, upper } from '../job/running.ts'
import { storageContract } from './storageContract.ts'

const bytes = Buffer.from('bytes')

function watched(storage: CheckpointStorage) {
  const clock = virtualClock()
  const over = new AbortController()
  const told: Notice[] = []
  return { clock, over, told, storage: watchedStorage(storage, clock, (notice) => told.push(notice), over.signal) }
}

storageContract('a watched storage', async () => {
  const storage = memoryStorage()
  return { open: () => watched(storage).storage }
})

/** Every call hangs until it is let go. */
function hanging(): CheckpointStorage & { readonly mount: Deferred<void> } {
  const [storage, mount] = [memoryStorage(), deferred()]
  const after = async <A>(run: () => Promise<A>): Promise<A> => {
    await mount.promise
    return run()
  }
  return {
    ...{ place: 'a mount', mount },
    put: (key, content) => after(() => storage.put(key, content)),
    get: (key) => after(() => storage.get(key)),
    list: (prefix) => after(() => storage.list(prefix)),
    remove: (key) => after(() => storage.remove(key)),
    ready: () => after(async () => undefined),
  }
}

describe('a call of a storage', () => {
  it.each(['put', 'get', 'list', 'remove', 'ready'] as const)('that hangs is told while it does: %s', async (call) => {
    const mount = hanging()
    const { storage, clock, told } = watched(mount)
    const done = (storage[call] as (key: string, content: Uint8Array) => Promise<unknown>)('a/b', bytes)
    await clock.advanceAsync(4_999)
    expect(told).toEqual([])
    await clock.advanceAsync(60_000)
    expect(told).toEqual(
      [5_000, 10_000, 20_000, 40_000].map((duration) => ({ type: 'storage-slow', place: 'a mount', call, duration })),
    )
    mount.mount.resolve()
    await done
    await clock.advanceAsync(600_000)
    expect(told).toHaveLength(4)
  })

  it('is not told of once the job is over', async () => {
    const { storage, clock, told, over } = watched(hanging())
    storage.list('')
    await clock.advanceAsync(6_000)
    over.abort()
    storage.list('')
    await clock.advanceAsync(600_000)
    expect(told).toHaveLength(1)
  })

  it('in pieces hangs only while the storage does, and not while it waits for the job', async () => {
    const slow = deferred()
    const { storage, clock, told } = watched({
      ...memoryStorage(),
      async write(_key, chunks) {
        for await (const chunk of chunks) if (chunk[0] === 2) await slow.promise
      },
      read: async () => pieces(),
    })
    async function* pieces() {
      yield Buffer.from([1])
      await clockOf(60_000)
      yield Buffer.from([2])
    }
    const clockOf = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms))
    const written = writeChunks(storage, 'k', pieces())
    await clock.advanceAsync(60_000)
    expect(told).toEqual([])
    await clock.advanceAsync(5_000)
    expect(told).toMatchObject([{ call: 'write', duration: 5_000 }])
    slow.resolve()
    await written
    const found = (await readChunks(storage, 'k')) as AsyncIterable<Uint8Array>
    const iterator = found[Symbol.asyncIterator]()
    await iterator.next()
    await clock.advanceAsync(60_000)
    expect(told).toHaveLength(1)
    iterator.next()
    await settle()
    await clock.advanceAsync(5_000)
    expect(told).toMatchObject([{}, { call: 'read', duration: 5_000 }])
  })
})

it('A job tells that its mount hangs, and goes on when it comes back', async () => {
  const mount = hanging()
  const running = start(upper(memorySource(['a']), memorySink()), { storage: mount })
  await running.clock.advanceAsync(11_000)
  expect(running.events.filter(({ type }) => type === 'storage-slow')).toMatchObject([
    { place: 'a mount', call: 'ready', duration: 5_000 },
    { place: 'a mount', call: 'ready', duration: 10_000 },
  ])
  mount.mount.resolve()
  await running.clock.advanceAsync(2_000)
  expect(running.ended()).toMatchObject({ outcome: 'finished' })
})

it('A job tells what its storage warns of', async () => {
  const storage = { ...memoryStorage(), ready: async () => ['the group may write'] }
  const running = start(upper(memorySource(['a']), memorySink()), { storage })
  await running.clock.advanceAsync(2_000)
  expect(running.events.filter(({ type }) => type === 'storage-warning')).toEqual([
    { type: 'storage-warning', place: 'memory', message: 'the group may write' },
  ])
})
