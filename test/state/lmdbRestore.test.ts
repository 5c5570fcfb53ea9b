/** What lmdbState has after snapshots were loaded into it, more than fits into memory while they are sorted. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { text } from '../../src/serde/text.ts'
import { entryWriter } from '../../src/state/entries.ts'
import { encodeKey } from '../../src/state/keys.ts'
import { lmdbState } from '../../src/state/lmdbState.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'

const keys = 20_000
/** So that each of the 1,024 parts has more than its 32 KB. */
const padding = 'x'.repeat(2_000)
const noSub = Buffer.alloc(0)

it('is the last value of each key, without those that were deleted, and no second file', {
  timeout: 60_000,
}, async () => {
  const folder = await temporaryFolder()
  const attempt = { attempt: 'one', allowDroppedState: false } as unknown as AttemptContext
  const backend = await lmdbState(folder, { cache: 10 }).open(attempt)
  const store = backend.open('count')
  const values = store.values<string, string>('state', { serde: text })
  const maps = store.maps<string, number, string>('seen', { serde: text })
  const load = (table: string, write: (out: ReturnType<typeof entryWriter>, key: number) => void, every: number) => {
    const out = entryWriter()
    for (let key = 0; key < keys; key += every) write(out, key)
    backend.load('count', { table, version: 1, bytes: out.take() })
  }
  load('value:state', (out, key) => out.put(`k${key}`, '', `old ${key}${padding}`), 1)
  load('map:seen', (out, key) => out.put(`k${key % 100}`, key, `seen ${key}`), 1)
  load('value:state', (out, key) => out.write(encodeKey(`k${key}`), noSub, Buffer.from(`new ${key}`)), 3)
  load('value:state', (out, key) => out.write(encodeKey(`k${key}`), noSub, undefined), 5)
  load('map:seen', (out, key) => out.put(`k${key % 100}`, key, undefined), 2)
  expect(await readdir(join(folder, 'attempt-one'))).toContain('restored')
  await backend.loaded(7, new Map())
  expect(await readdir(join(folder, 'attempt-one'))).not.toContain('restored')
  const expected = (key: number) => (key % 5 === 0 ? undefined : key % 3 === 0 ? `new ${key}` : `old ${key}${padding}`)
  for (let key = 0; key < keys; key += 7) expect(values.get(`k${key}`)).toBe(expected(key))
  expect(values.size).toBe(keys - keys / 5)
  expect([maps.size, maps.count('k7'), maps.has('k7', 107), maps.has('k8', 108)]).toEqual([
    keys / 2,
    keys / 100,
    true,
    false,
  ])
  await backend.close()
})
