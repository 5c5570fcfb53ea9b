import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cached } from '../../src/checkpoint/cached.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { ledgerKey, snapshotKey } from '../../src/checkpoint/names.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { RetriableError } from '../../src/errors.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { storageContract } from './storageContract.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const key = (checkpoint: number) => snapshotKey('job', 0, checkpoint, 'a')

storageContract('a cached storage', async () => {
  const [storage, folder] = [memoryStorage(), await temporaryFolder()]
  return { open: () => cached(storage, folder, { limit: 1e6 }) }
})

async function ground(limit = 1e6) {
  const folder = join(await temporaryFolder(), 'cache')
  const stored = memoryStorage()
  const reads: string[] = []
  const counted: CheckpointStorage = {
    ...stored,
    get(one) {
      reads.push(one)
      return stored.get(one)
    },
  }
  return { folder, stored, reads, open: () => cached(counted, folder, { limit }) }
}

const text = async (storage: CheckpointStorage, one: string) => Buffer.from((await storage.get(one)) ?? []).toString()

describe('a cached storage', () => {
  test('reads what it wrote from its folder, also when it is opened again', async () => {
    const { open, reads } = await ground()
    await open().put(key(1), Buffer.from('one'))
    expect(await text(open(), key(1))).toBe('one')
    expect(reads).toEqual([])
  })

  test('reads from the storage what it does not have, once', async () => {
    const { open, stored, reads } = await ground()
    await stored.put(key(1), Buffer.from('one'))
    expect([await text(open(), key(1)), await text(open(), key(1))]).toEqual(['one', 'one'])
    expect(reads).toEqual([key(1)])
  })

  test('does not believe a file whose sum does not fit', async () => {
    const { open, folder, reads } = await ground()
    await open().put(key(1), Buffer.from('one'))
    const [file] = await readdir(folder)
    await writeFile(join(folder, file as string), 'eno')
    expect(await text(open(), key(1))).toBe('one')
    expect(reads).toEqual([key(1)])
    expect(await readFile(join(folder, file as string), 'utf8')).toBe('one')
  })

  test('removes what was used least when it is full', async () => {
    const { open, folder } = await ground(250)
    const storage = open()
    await storage.put(key(1), Buffer.alloc(100, 1))
    await storage.put(key(2), Buffer.alloc(100, 2))
    for (const name of await readdir(folder)) await utimes(join(folder, name), new Date(1_000), new Date(1_000))
    await storage.get(key(1))
    await storage.put(key(3), Buffer.alloc(100, 3))
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
    expect(sizes).toEqual([100, 100])
    const first = await Promise.all(
      (await readdir(folder)).map(async (name) => (await readFile(join(folder, name)))[0]),
    )
    expect(first.sort()).toEqual([1, 3])
  })

  test('keeps neither what was not stored, nor what was not read to its end', async () => {
    const { open, folder, stored } = await ground()
    const full: CheckpointStorage = { ...stored, put: () => Promise.reject(new RetriableError('STORAGE_IO', 'full')) }
    await rejectionOf(cached(full, folder, { limit: 1e6 }).put(key(1), Buffer.from('one')))
    await stored.put(key(2), Buffer.from('two'))
    for await (const _ of (await open().read?.(key(2))) ?? []) break
    expect(await readdir(folder)).toEqual([])
  })

  test('caches no ledger entry, which may be gone', async () => {
    const { open, stored } = await ground()
    await open().put(ledgerKey('job', 0, 1), Buffer.from('entry'))
    await stored.remove(ledgerKey('job', 0, 1))
    expect(await open().get(ledgerKey('job', 0, 1))).toBeNull()
  })

  test('goes on without a cache where its folder cannot be written, and says so at the start', async () => {
    const { folder, stored } = await ground()
    await writeFile(folder, 'a file')
    const storage = cached(stored, folder, { limit: 1e6 })
    expect(await storage.ready?.()).toEqual([expect.stringMatching(/^The cache in .* cannot be written \(E/)])
    await storage.put(key(1), Buffer.from('one'))
    expect(await text(storage, key(1))).toBe('one')
    await storage.remove(key(1))
    expect(await storage.get(key(1))).toBeNull()
    await rm(folder)
  })

  test('says of itself what its storage says', async () => {
    const { folder, stored } = await ground()
    expect(cached({ ...stored, shared: true, inline: 7 }, folder, { limit: 1 })).toMatchObject({
      ...{ place: 'memory', local: true, exclusive: true, shared: true, inline: 7 },
    })
  })
})
