/**
 * Chains of snapshots and how they are read, with entries made by hand, so that each rule is tested
 * alone.
 */
import { describe, expect, test } from 'vitest'
import { withInline } from '../../src/checkpoint/inline.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { snapshotKey } from '../../src/checkpoint/names.ts'
import { readEntriesOf, readStates, type StoredSnapshot, snapshotChain } from '../../src/checkpoint/snapshotChain.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import type { OperatorState } from '../../src/element.ts'
import { RetriableError } from '../../src/errors.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'

const owner = { job: 'j', shard: 0, lineage: 'l' }
const keyOf = (checkpoint: number) => snapshotKey('j', 0, checkpoint, 'a')

/** The state of an operator that has these entries, as text; none: nothing has changed. */
function state(operator: string, since: number, ...entries: readonly string[]): OperatorState {
  const blocks = entries.map((entry) => ({ table: 'value:x', version: 1, bytes: Buffer.from(entry) }))
  return { operator, state: null, entries: { since, blocks: () => blocks } }
}

function chainOf(storage: CheckpointStorage, restored: Parameters<typeof snapshotChain>[1] = [], held = {}) {
  const chain = snapshotChain(storage, restored, held)
  return (checkpoint: number, ...states: readonly OperatorState[]): Promise<StoredSnapshot> =>
    chain.store(keyOf(checkpoint), { ...owner, checkpoint, attempt: 'a', states })
}

const numbers = (keys: Iterable<string>) => [...keys].map((key) => Number(key.slice(8, 20)))
const base = ({ snapshot, keys, inline }: StoredSnapshot) =>
  numbers([...keys, ...Object.keys(inline)].filter((key) => key !== snapshot?.key).sort())

async function read(storage: CheckpointStorage, { snapshot, inline }: StoredSnapshot) {
  if (snapshot === null) throw new Error('there is no snapshot')
  const all = withInline(storage, inline)
  const { header, chain } = await readStates(all, snapshot, owner)
  const found: string[] = []
  await readEntriesOf(all, snapshot, header, (operator, block) => {
    found.push(`${operator} ${Buffer.from(block.bytes)}`)
  })
  return { found, chain }
}

describe('a chain of snapshots', () => {
  test('names those whose entries are still needed, and is read in their order', async () => {
    const storage = memoryStorage()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'one'))
    await store(2, state('a', 1, 'two'))
    const third = await store(3, state('a', 2, 'three'))
    expect(base(third)).toEqual([2])
    expect((await read(storage, third)).found).toEqual(['a two', 'a three'])
  })

  test('does not name one that has no entries', async () => {
    const store = chainOf(memoryStorage())
    await store(1, state('a', 1, 'one'))
    await store(2, state('a', 1))
    expect(base(await store(3, state('a', 1, 'three')))).toEqual([1])
  })

  test('of one operator that rests does not keep what the others have made meanwhile', async () => {
    const storage = memoryStorage()
    const store = chainOf(storage)
    await store(1, state('rests', 1, 'rests one'), state('works', 1, 'works one'))
    for (let at = 2; at < 50; at++) await store(at, state('rests', 1), state('works', at, `works ${at}`))
    const last = await store(50, state('rests', 1), state('works', 50, 'works 50'))
    expect(base(last)).toEqual([1])
    expect((await read(storage, last)).found).toEqual(['rests rests one', 'works works 50'])
  })

  test('leaves out the entries of an operator that is not in the last one', async () => {
    const storage = memoryStorage()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'one'), state('gone', 1, 'gone'))
    const last = await store(2, state('a', 1, 'two'))
    expect((await read(storage, last)).found).toEqual(['a one', 'a two'])
  })

  test('goes on after a restore where it was', async () => {
    const storage = memoryStorage()
    const store = chainOf(storage)
    await store(1, state('rests', 1, 'one'))
    const second = await store(2, state('rests', 1), state('works', 2, 'two'))
    const again = chainOf(storage, (await read(storage, second)).chain)
    const third = await again(3, state('rests', 1), state('works', 2, 'three'))
    expect(base(third)).toEqual([1, 2])
    expect((await read(storage, third)).found).toEqual(['rests one', 'works two', 'works three'])
  })

  test('stores one after the other, since each names the one before', async () => {
    const store = chainOf(memoryStorage())
    const [, second] = await Promise.all([store(1, state('a', 1, 'one')), store(2, state('a', 1, 'two'))])
    expect(base(second)).toEqual([1])
  })

  test('ends with the first that could not be stored', async () => {
    const full = { ...memoryStorage(), put: () => Promise.reject(new RetriableError('STORAGE_IO', 'full')) }
    const store = chainOf(full)
    const errors = await Promise.all([rejectionOf(store(1, state('a', 1, 'one'))), rejectionOf(store(2))])
    expect(errors.map(({ code }) => code)).toEqual(['STORAGE_IO', 'STORAGE_IO'])
  })

  test('of which a part is missing is not read', async () => {
    const storage = memoryStorage()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'one'))
    const last = await store(2, state('a', 1, 'two'))
    await storage.remove(keyOf(1))
    expect(await rejectionOf(read(storage, last))).toMatchObject({ code: 'SNAPSHOT_MISSING', consequence: 'corrupted' })
  })
})

describe('a snapshot that is small enough', () => {
  /** As much as two of the snapshots below. */
  const small = (storage = memoryStorage()): CheckpointStorage => ({ ...storage, inline: 900 })
  const stored = (storage: CheckpointStorage) => storage.list('').then(numbers)

  test('is in the entry and not in the storage, and is read from there', async () => {
    const storage = small()
    const only = await chainOf(storage)(1, state('a', 1, 'one'))
    expect([numbers(Object.keys(only.inline)), numbers(only.keys), await stored(storage)]).toEqual([[1], [], []])
    expect((await read(storage, only)).found).toEqual(['a one'])
  })

  test('stays in the entries of those that build on it, and leaves them with the last one', async () => {
    const storage = small()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'one'))
    const second = await store(2, state('a', 1, 'two'))
    expect(numbers(Object.keys(second.inline))).toEqual([1, 2])
    expect((await read(storage, second)).found).toEqual(['a one', 'a two'])
    const third = await store(3, state('a', 3, 'three'))
    expect([numbers(Object.keys(third.inline)), third.dropped]).toEqual([[3], []])
  })

  test('is stored once the entry is full, and none of those in the entry is', async () => {
    const storage = small()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'one'))
    await store(2, state('a', 1, 'two'))
    const third = await store(3, state('a', 1, 'three'))
    expect([numbers(Object.keys(third.inline)), numbers(third.keys)]).toEqual([[1, 2], [3]])
    expect(await stored(storage)).toEqual([3])
    expect((await read(storage, third)).found).toEqual(['a one', 'a two', 'a three'])
  })

  test('is found again after a restore, and dropped by name only if it was stored', async () => {
    const storage = small()
    const store = chainOf(storage)
    await store(1, state('a', 1, 'x'.repeat(2_000)))
    const second = await store(2, state('a', 1, 'two'))
    const again = chainOf(storage, (await read(storage, second)).chain, second.inline)
    const third = await again(3, state('a', 3, 'three'))
    expect([numbers(third.dropped), numbers(Object.keys(third.inline))]).toEqual([[1], [3]])
  })

  test('of any size is stored where the storage wants all of them', async () => {
    const storage = memoryStorage()
    expect((await chainOf(storage)(1, state('a', 1, 'one'))).inline).toEqual({})
    expect(await stored(storage)).toEqual([1])
  })
})

test('without state there is no snapshot', async () => {
  const storage = memoryStorage()
  expect(await chainOf(storage)(1)).toEqual({ snapshot: null, inline: {}, keys: new Set(), dropped: [] })
  expect(await storage.list('')).toEqual([])
})
