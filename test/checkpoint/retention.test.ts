import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { ledgerKey, snapshotKey } from '../../src/checkpoint/names.ts'
import { discardOlder } from '../../src/checkpoint/retention.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'

const key = (checkpoint: number, attempt = 'a', shard = 0, job = 'job') => snapshotKey(job, shard, checkpoint, attempt)

async function storageWith(...keys: readonly string[]): Promise<CheckpointStorage> {
  const storage = memoryStorage()
  for (const one of keys) await storage.put(one, Buffer.from('x'))
  return storage
}

describe('discarding older snapshots', () => {
  test('keeps the current one and those after it', async () => {
    const storage = await storageWith(key(1), key(2), key(3), key(4))
    expect(await discardOlder(storage, 'job', 0, new Set([key(3)]), 3)).toEqual([])
    expect(await storage.list('')).toEqual([key(3), key(4)])
  })

  test('keeps those that it builds on', async () => {
    const storage = await storageWith(key(1), key(2), key(3), key(4))
    await discardOlder(storage, 'job', 0, new Set([key(2), key(4)]), 4)
    expect(await storage.list('')).toEqual([key(2), key(4)])
  })

  test('removes what another attempt had stored for the same checkpoint', async () => {
    const storage = await storageWith(key(3, 'dead'), key(3, 'me'), key(4, 'newer'))
    await discardOlder(storage, 'job', 0, new Set([key(3, 'me')]), 3)
    expect(await storage.list('')).toEqual([key(3, 'me'), key(4, 'newer')])
  })

  test('touches no other shard, job, ledger entry or unknown file', async () => {
    const others = [key(1, 'a', 1), key(1, 'a', 0, 'job2'), ledgerKey('job', 0, 1), 'job/0/chk-notes', 'job/0/notes']
    const storage = await storageWith(...others, key(1))
    await discardOlder(storage, 'job', 0, new Set([key(2)]), 2)
    expect(await storage.list('')).toEqual([...others].sort())
  })

  test('tells what it could not remove, and goes on', async () => {
    const storage = await storageWith(key(1), key(2), key(3))
    const stubborn: CheckpointStorage = {
      ...storage,
      remove: async (one) => (one === key(1) ? Promise.reject(new Error('no')) : storage.remove(one)),
    }
    expect(await discardOlder(stubborn, 'job', 0, new Set([key(3)]), 3)).toEqual([new Error('no')])
    expect(await storage.list('')).toEqual([key(1), key(3)])
  })

  test('tells when it could not even list', async () => {
    const blind: CheckpointStorage = { ...memoryStorage(), list: () => Promise.reject(new Error('blind')) }
    expect(await discardOlder(blind, 'job', 0, new Set([key(3)]), 3)).toEqual([new Error('blind')])
  })
})
