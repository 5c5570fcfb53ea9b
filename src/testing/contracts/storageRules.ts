/** What every checkpoint storage must do, whatever it keeps snapshots in. */
import { Buffer } from 'node:buffer'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import { readChunks, writeChunks } from '../../contracts/storage.ts'
import { RxweftError } from '../../errors.ts'
import { holds, type Rule, same } from './rules.ts'

/** @param open opens the same storage again, without what was put for another rule */
export function storageRules(make: () => Promise<() => CheckpointStorage>): readonly Rule[] {
  const onNew = (
    rule: string,
    check: (storage: CheckpointStorage, open: () => CheckpointStorage) => Promise<void>,
  ): Rule => ({
    rule,
    async check() {
      const open = await make()
      await check(open(), open)
    },
  })
  return [
    onNew('returns the bytes that were put', async (storage, open) => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256)
      await storage.put('job/0/chk-1', bytes)
      await storage.put('job/0/empty', new Uint8Array())
      holds('other bytes came back', equal(await open().get('job/0/chk-1'), bytes))
      same('an empty snapshot came back as', (await open().get('job/0/empty'))?.length, 0)
    }),
    onNew('stores bytes that come in chunks, and returns them in chunks', async (storage) => {
      const chunks = [Buffer.alloc(100_000, 1), Buffer.alloc(0), Buffer.alloc(50_000, 2)]
      await writeChunks(storage, 'job/0/chk-1', iterated(chunks))
      const found: Uint8Array[] = []
      for await (const chunk of (await readChunks(storage, 'job/0/chk-1')) ?? []) found.push(chunk)
      holds('other bytes came back', equal(Buffer.concat(found), Buffer.concat(chunks)))
    }),
    onNew('stores nothing if the chunks do not come to their end', async (storage) => {
      const error = new Error('the state cannot be encoded')
      const broken = iterated([Buffer.alloc(100_000)], error)
      const thrown = await writeChunks(storage, 'job/0/chk-1', broken).then(
        () => null,
        (reason) => reason,
      )
      holds('the error of the chunks was lost', thrown !== null)
      same('get', await storage.get('job/0/chk-1'), null)
      same('list', await storage.list(''), [])
    }),
    onNew('has nothing under a key that was not put or was removed', async (storage) => {
      await storage.put('job/0/a', Buffer.from('a'))
      await storage.remove('job/0/a')
      await storage.remove('job/0/a')
      same('get', await storage.get('job/0/a'), null)
      same('read', (await readChunks(storage, 'job/0/a')) === null, true)
      same('list', await storage.list('job/'), [])
    }),
    onNew('lists the keys that start with a prefix, sorted', async (storage) => {
      const keys = ['job/0/chk-10', 'job/0/chk-2', 'job/0/ledger/1', 'job/1/chk-1', 'job2/0/chk-1']
      for (const key of [...keys].reverse()) await storage.put(key, Buffer.from(key))
      same('list("job/0/chk-")', await storage.list('job/0/chk-'), ['job/0/chk-10', 'job/0/chk-2'])
      same('list("job")', await storage.list('job'), keys)
      same('list("")', await storage.list(''), keys)
    }),
    onNew('keeps its bytes when those given or returned change', async (storage) => {
      const given = Buffer.from('abc')
      await storage.put('a', given)
      given[0] = 0
      const found = await storage.get('a')
      if (found !== null) found[1] = 0
      same('get', Buffer.from((await storage.get('a')) ?? []).toString(), 'abc')
    }),
    onNew('refuses a key that could name something outside of it, with code BAD_KEY', async (storage) => {
      for (const key of ['', '/a', 'a/', '../a', 'a/../b', 'a/.hidden', 'a b', 'a\\b']) {
        same(`put(${JSON.stringify(key)})`, codeOf(await rejection(storage.put(key, Buffer.from('x')))), 'BAD_KEY')
        same(`get(${JSON.stringify(key)})`, codeOf(await rejection(storage.get(key))), 'BAD_KEY')
      }
    }),
  ]
}

/** Rules of a storage that says `exclusive`. */
export function exclusiveRules(make: () => Promise<() => CheckpointStorage>): readonly Rule[] {
  return [
    {
      rule: 'writes a key once: a second put rejects with KEY_EXISTS and changes nothing',
      async check() {
        const open = await make()
        await open().put('job/0/a', Buffer.from('first'))
        same('code', codeOf(await rejection(open().put('job/0/a', Buffer.from('second')))), 'KEY_EXISTS')
        same('get', Buffer.from((await open().get('job/0/a')) ?? []).toString(), 'first')
      },
    },
    {
      rule: 'lets exactly one of many win that race for a key',
      async check() {
        const open = await make()
        for (let round = 0; round < 5; round++) {
          const key = `race/${round}`
          const racers = Array.from({ length: 8 }, (_, at) => Buffer.alloc(1_000, at))
          const outcomes = await Promise.allSettled(racers.map((racer) => open().put(key, racer)))
          const winners = racers.filter((_, at) => outcomes[at]?.status === 'fulfilled')
          same('winners', winners.length, 1)
          holds('the bytes of a loser are there', equal(await open().get(key), winners[0] as Buffer))
        }
      },
    },
  ]
}

async function* iterated(chunks: readonly Uint8Array[], error?: Error): AsyncGenerator<Uint8Array> {
  yield* chunks
  if (error !== undefined) throw error
}

function equal(found: Uint8Array | null, expected: Uint8Array): boolean {
  return found !== null && Buffer.compare(found, expected) === 0
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (thrown) => thrown,
  )
}

function codeOf(thrown: unknown): string {
  return thrown instanceof RxweftError ? thrown.code : thrown === null ? 'no error' : String(thrown)
}
