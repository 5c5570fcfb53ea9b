/** What a snapshot builds on, and how it is read again: with entries made by hand, so that each rule is seen alone. */
import { describe, expect, test } from 'vitest'
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

function chainOf(storage: CheckpointStorage, restored: Parameters<typeof snapshotChain>[1] = []) {
  const chain = snapshotChain(storage, restored)
  return (checkpoint: number, ...states: readonly OperatorState[]): Promise<StoredSnapshot> =>
    chain.store(keyOf(checkpoint), { ...owner, checkpoint, attempt: 'a', states })
}

const base = ({ base }: StoredSnapshot) => base.map(({ key }) => Number(key.slice(8, 20)))

async function read(storage: CheckpointStorage, { key, sha256, bytes }: StoredSnapshot) {
  const { header, chain } = await readStates(storage, { key, sha256, bytes }, owner)
  const found: string[] = []
  await readEntriesOf(storage, { key, sha256, bytes }, header, (operator, block) => {
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
