/** Contract of every CheckpointStorage. `open` opens the same empty storage again and again. */
import { describe, expect, test } from 'vitest'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { rejectionOf, rejectionsOf } from '../../tools/support/thrown.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (found: Uint8Array | null): string | null => found && new TextDecoder().decode(found)

export function storageContract(name: string, create: () => Promise<{ open(): CheckpointStorage }>): void {
  describe(`${name} keeps the contract of a checkpoint storage:`, () => {
    test('what was put is there, byte for byte', async () => {
      const storage = (await create()).open()
      const all = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)
      await storage.put('job/0/chk-1', all)
      expect(Buffer.from((await storage.get('job/0/chk-1')) as Uint8Array).equals(Buffer.from(all))).toBe(true)
    })

    test('empty bytes are something', async () => {
      const storage = (await create()).open()
      await storage.put('empty', bytes(''))
      expect(textOf(await storage.get('empty'))).toBe('')
    })

    test('what is not there is null, gone without an error, and no list', async () => {
      const storage = (await create()).open()
      expect(await storage.get('job/0/none')).toBeNull()
      await storage.remove('job/0/none')
      expect(await storage.list('')).toEqual([])
      expect(await storage.list('job/0/')).toEqual([])
    })

    test('another one on the same place sees it', async () => {
      const { open } = await create()
      await open().put('job/0/a', bytes('a'))
      expect(textOf(await open().get('job/0/a'))).toBe('a')
    })

    test('a key is written once', async () => {
      const { open } = await create()
      await open().put('job/0/a', bytes('first'))
      const error = await rejectionOf(open().put('job/0/a', bytes('second')))
      expect(error).toMatchObject({ code: 'KEY_EXISTS', consequence: 'fatal' })
      expect(textOf(await open().get('job/0/a'))).toBe('first')
      expect(await open().list('')).toEqual(['job/0/a'])
    })

    test('of many that race for a key exactly one wins, and its bytes stay', async () => {
      const { open } = await create()
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}/key`
        const racers = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(1_000 + i))
        const outcomes = await Promise.allSettled(racers.map((racer) => open().put(key, bytes(racer))))
        const winners = racers.filter((_, i) => outcomes[i]?.status === 'fulfilled')
        expect(winners).toHaveLength(1)
        expect(textOf(await open().get(key))).toBe(winners[0])
        for (const lost of outcomes.filter((one) => one.status === 'rejected')) {
          expect(lost.reason).toMatchObject({ code: 'KEY_EXISTS' })
        }
      }
    })

    test('a removed key is gone, and only it', async () => {
      const storage = (await create()).open()
      await storage.put('job/0/a', bytes('a'))
      await storage.put('job/0/b', bytes('b'))
      await storage.remove('job/0/a')
      expect(await storage.get('job/0/a')).toBeNull()
      expect(await storage.list('job/')).toEqual(['job/0/b'])
    })

    test('a list has the keys that start with the prefix, sorted', async () => {
      const storage = (await create()).open()
      const keys = ['job/0/chk-2', 'job/0/chk-10', 'job/0/ledger/1', 'job/1/chk-1', 'job2/0/chk-1', 'job/0/Chk-1']
      for (const key of keys) await storage.put(key, bytes(key))
      expect(await storage.list('job/0/chk-')).toEqual(['job/0/chk-10', 'job/0/chk-2'])
      expect(await storage.list('job/0/')).toEqual(['job/0/Chk-1', 'job/0/chk-10', 'job/0/chk-2', 'job/0/ledger/1'])
      expect(await storage.list('job/0/ledger')).toEqual(['job/0/ledger/1'])
      expect(await storage.list('job')).toEqual([...keys].sort())
      expect(await storage.list('')).toEqual([...keys].sort())
      expect(await storage.list('nothing/here')).toEqual([])
    })

    test('bytes that change after the put, or after a get, change nothing', async () => {
      const storage = (await create()).open()
      const given = bytes('abc')
      await storage.put('a', given)
      given[0] = 0
      const found = (await storage.get('a')) as Uint8Array
      found[1] = 0
      expect(textOf(await storage.get('a'))).toBe('abc')
    })

    test.each([
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a/.hidden',
      'a..b',
      'a\\b',
      'a b',
      'a\u0000',
      'a\n',
      'ä',
      'C:/a',
      '-a',
      'a'.repeat(201),
      `${'a/'.repeat(301)}a`,
    ])('%j is no key', async (key) => {
      const storage = (await create()).open()
      for (const error of await rejectionsOf([storage.put(key, bytes('x')), storage.get(key), storage.remove(key)])) {
        expect(error).toMatchObject({ code: 'BAD_KEY', consequence: 'fatal' })
      }
    })

    test.each(['/', '../', 'a/../', 'a//', '.', 'a/.', ' '])('%j is no prefix', async (prefix) => {
      const storage = (await create()).open()
      expect(await rejectionOf(storage.list(prefix))).toMatchObject({ code: 'BAD_KEY' })
    })
  })
}
