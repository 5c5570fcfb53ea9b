import { readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cached } from '../../src/checkpoint/cached.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { ledgerKey, snapshotKey } from '../../src/checkpoint/names.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { RetriableError } from '../../src/errors.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { type TinyDisk, tinyDisk } from '../faults/tinyDisk.ts'
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
    const storage = open()
    await storage.put(key(1), Buffer.from('one'))
    await storage.put(key(2), Buffer.from('two'))
    expect([await text(open(), key(1)), await text(open(), key(2))]).toEqual(['one', 'two'])
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

  test('is read to its end where another process removes the file meanwhile', async () => {
    const { open, reads } = await ground(1e7)
    const bytes = Buffer.alloc(3 * 1024 * 1024, 7)
    await open().put(key(1), bytes)
    const pieces = await open().read?.(key(1))
    const other = open()
    const read: Uint8Array[] = []
    await other.remove(key(1))
    for await (const piece of pieces ?? []) read.push(piece)
    expect(Buffer.concat(read).equals(bytes)).toBe(true)
    expect(reads).toEqual([])
  })

  test('fails for one attempt, and no longer, where its file is cut while it is read', async () => {
    const { open, folder, reads } = await ground(1e7)
    await open().put(key(1), Buffer.alloc(3 * 1024 * 1024, 7))
    const [file = ''] = await readdir(folder)
    const reading = async () => {
      for await (const _ of (await open().read?.(key(1))) ?? []) await truncate(join(folder, file), 1024 * 1024)
    }
    expect(await rejectionOf(reading())).toMatchObject({ code: 'STORAGE_IO', consequence: 'retriable' })
    expect(await open().get(key(1))).toHaveLength(3 * 1024 * 1024)
    expect(reads).toEqual([key(1)])
  })

  test('shares its folder with another process: both read what is right, and the limit holds', async () => {
    const { open, folder, stored } = await ground(20_000)
    const [one, other] = [open(), open()]
    const bytesOf = (number: number) => Buffer.alloc(1_000 + number, number)
    const work = async (mine: CheckpointStorage, first: number) => {
      for (let number = first; number < 60; number += 2) {
        await mine.put(key(number), bytesOf(number))
        for (const known of [number, Math.max(0, number - 7), Math.max(0, number - 20)]) {
          const found = await mine.get(key(known))
          if (found !== null) expect(Buffer.from(found).equals(bytesOf(known))).toBe(true)
          else expect(await stored.get(key(known))).toBeNull()
        }
        if (number % 5 === 0) await mine.remove(key(number))
      }
    }
    await Promise.all([work(one, 0), work(other, 1)])
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(20_000 * (1 + 2 / 16))
  })

  test('does not read what a killed process has half written, and makes room for others in its stead', async () => {
    const { open, folder, reads, stored } = await ground(3_000)
    await open().put(key(1), Buffer.alloc(1_000, 1))
    await writeFile(join(folder, 'new-half'), Buffer.alloc(1_500, 2))
    await utimes(join(folder, 'new-half'), new Date(1_000), new Date(1_000))
    await stored.put(key(2), Buffer.alloc(1_000, 2))
    expect(await open().get(key(2))).toHaveLength(1_000)
    expect(await open().get(key(1))).toHaveLength(1_000)
    expect(reads).toEqual([key(2)])
    expect(await readdir(folder)).not.toContain('new-half')
  })
})

const disk = await tinyDisk().catch(() => null)
if (disk === null) console.warn('skipped: only root may mount a small disk')

describe.skipIf(disk === null)('a cached storage on a disk that is full', () => {
  afterAll(() => disk?.unmount())

  test('stores all the same, leaves nothing there, and caches again once there is room', async () => {
    const { folder, fill, free } = disk as TinyDisk
    const stored = memoryStorage()
    const storage = cached(stored, join(folder, 'cache'), { limit: 1e6 })
    await storage.put(key(1), Buffer.alloc(1_000, 1))
    await fill()
    await storage.put(key(2), Buffer.alloc(10_000, 2))
    expect(await storage.get(key(2))).toHaveLength(10_000)
    expect(await readdir(join(folder, 'cache'))).toHaveLength(1)
    await free()
    expect(await storage.get(key(2))).toHaveLength(10_000)
    expect(await readdir(join(folder, 'cache'))).toHaveLength(2)
  })
})
