/** The contract test of storages: ours pass it, and a storage that breaks a rule is found out by that rule. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage, memoryStorage } from 'rxweft'
import type { CheckpointStorage } from 'rxweft/extend'
import { behavesAsAStorage } from 'rxweft/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectBroken } from './broken.ts'

/** A storage in memory, with something else in its place. */
const with_ = (change: (storage: CheckpointStorage) => Partial<CheckpointStorage>) => () => {
  const storage = memoryStorage()
  const changed = { ...storage, ...change(storage) }
  return () => changed
}

describe('behavesAsAStorage', () => {
  it('lets files and memory pass', async () => {
    await behavesAsAStorage(() => {
      const storage = memoryStorage()
      return () => storage
    })
    await behavesAsAStorage(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rxweft-storage-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      return () => fileStorage(folder)
    })
  })

  it('does not ask a storage that does not say exclusive to write a key once', async () => {
    const forgetful = (storage: CheckpointStorage): Partial<CheckpointStorage> => ({
      put: async (key, bytes) => {
        await storage.remove(key)
        await storage.put(key, bytes)
      },
    })
    await behavesAsAStorage(with_((storage) => ({ ...forgetful(storage), exclusive: false })))
    await expectBroken(behavesAsAStorage(with_(forgetful)), 'writes a key once')
  })

  it.each<[string, (storage: CheckpointStorage) => Partial<CheckpointStorage>]>([
    [
      'returns the bytes that were put',
      (storage) => ({ get: async (key) => (await storage.get(key))?.subarray(1) ?? null }),
    ],
    [
      'stores nothing if the chunks',
      (storage) => ({
        async write(key, chunks) {
          const all: Uint8Array[] = []
          try {
            for await (const chunk of chunks) all.push(chunk)
          } finally {
            await storage.put(key, Buffer.concat(all))
          }
        },
      }),
    ],
    ['has nothing under a key', () => ({ remove: async () => undefined })],
    ['lists the keys', (storage) => ({ list: async (prefix) => [...(await storage.list(prefix))].reverse() })],
    ['refuses a key', (storage) => ({ put: (key, bytes) => storage.put(key.replace(/\W/g, 'x') || 'x', bytes) })],
  ])('finds out the one that breaks: %s', async (rule, change) => {
    await expectBroken(behavesAsAStorage(with_(change)), rule)
    expect.assertions(2)
  })
})
