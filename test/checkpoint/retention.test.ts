import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { ledgerKey, snapshotKey } from '../../src/checkpoint/names.ts'
import { retention } from '../../src/checkpoint/retention.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'

const key = (checkpoint: number, attempt = 'a', shard = 0, job = 'job') => snapshotKey(job, shard, checkpoint, attempt)

async function storageWith(...keys: readonly string[]): Promise<CheckpointStorage> {
  const storage = memoryStorage()
  for (const one of keys) await storage.put(one, Buffer.from('x'))
  return storage
}

/** Decisions on one storage, with a minute or more between two. */
function decisions(storage: CheckpointStorage) {
  const clock = virtualClock()
  const garbage = retention(storage, { job: 'job', shard: 0, clock, longestTransaction: 60_000 })
  return {
    clock,
    decided: (checkpoint: number, keys: readonly string[] = [key(checkpoint)], dropped: readonly string[] = []) =>
      garbage.after({ checkpoint, keys: new Set(keys), dropped }),
  }
}

/** Two decisions of checkpoint n, so far apart that what was an orphan before the first is old. */
async function sweptAt(storage: CheckpointStorage, checkpoint: number, keys?: readonly string[]) {
  const { clock, decided } = decisions(storage)
  await decided(checkpoint, keys)
  clock.advance(61_000)
  return decided(checkpoint, keys)
}

describe('a decided checkpoint', () => {
  test('removes by name what its chain has dropped, and asks for no list', async () => {
    let lists = 0
    const storage = await storageWith(key(1), key(2), key(3))
    const { decided } = decisions({
      ...storage,
      list(prefix) {
        lists += 1
        return storage.list(prefix)
      },
    })
    for (let checkpoint = 2; checkpoint < 100; checkpoint++) {
      await storage.put(key(checkpoint + 2), Buffer.from('x'))
      await decided(checkpoint, [key(checkpoint)], [key(checkpoint - 1)])
    }
    expect(lists).toBe(1)
    expect(await storage.list('')).toEqual([key(99), key(100), key(101)])
  })

  test('tells what it could not remove, and goes on', async () => {
    const storage = await storageWith(key(1), key(2), key(3))
    const stubborn: CheckpointStorage = {
      ...storage,
      remove: async (one) => (one === key(1) ? Promise.reject(new Error('no')) : storage.remove(one)),
    }
    expect(await decisions(stubborn).decided(3, [key(3)], [key(1), key(2)])).toEqual([new Error('no')])
    expect(await storage.list('')).toEqual([key(1), key(3)])
  })

  test('tells when it could not even list', async () => {
    const blind: CheckpointStorage = { ...memoryStorage(), list: () => Promise.reject(new Error('blind')) }
    expect(await decisions(blind).decided(3)).toEqual([new Error('blind')])
  })
})

describe('a sweep', () => {
  test('keeps the current one and those after it', async () => {
    const storage = await storageWith(key(1), key(2), key(3), key(4))
    expect(await sweptAt(storage, 3)).toEqual([])
    expect(await storage.list('')).toEqual([key(3), key(4)])
  })

  test('keeps those that it builds on', async () => {
    const storage = await storageWith(key(1), key(2), key(3), key(4))
    await sweptAt(storage, 4, [key(2), key(4)])
    expect(await storage.list('')).toEqual([key(2), key(4)])
  })

  test('removes what another attempt had stored for the same checkpoint', async () => {
    const storage = await storageWith(key(3, 'dead'), key(3, 'me'), key(4, 'newer'))
    await sweptAt(storage, 3, [key(3, 'me')])
    expect(await storage.list('')).toEqual([key(3, 'me'), key(4, 'newer')])
  })

  test('removes only what an earlier sweep has seen, a minute before or more', async () => {
    const storage = await storageWith(key(1), key(3))
    const { clock, decided } = decisions(storage)
    await decided(3)
    await storage.put(key(2, 'late'), Buffer.from('x'))
    clock.advance(59_000)
    await decided(3)
    expect(await storage.list('')).toEqual([key(1), key(2, 'late'), key(3)])
    clock.advance(2_000)
    await decided(3)
    expect(await storage.list('')).toEqual([key(2, 'late'), key(3)])
    clock.advance(3_600_000)
    await decided(3)
    expect(await storage.list('')).toEqual([key(3)])
  })

  test('touches no other shard, job, ledger entry or unknown file', async () => {
    const others = [key(1, 'a', 1), key(1, 'a', 0, 'job2'), ledgerKey('job', 0, 1), 'job/0/chk-notes', 'job/0/notes']
    const storage = await storageWith(...others, key(1))
    await sweptAt(storage, 2)
    expect(await storage.list('')).toEqual([...others].sort())
  })
})
