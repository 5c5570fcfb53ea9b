import { describe, expect, it } from 'vitest'
import type { EntryBlock } from '../../src/element.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { json } from '../../src/serde/json.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { type LoadableStore, operatorStore } from '../../src/state/operatorStore.ts'
import type { TableSpec } from '../../src/state/table.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { memoryStore } from './history.ts'

const spec = { serde: json<unknown>() }

/** The blocks of a store that holds what `fill` has put there. */
function blocksOf(fill: (store: LoadableStore) => void): readonly EntryBlock[] {
  const store = memoryStore()
  fill(store)
  return [...(store.snapshot(1, null).entries?.blocks() ?? [])]
}

/** What one value that was written with `before` is for `after`. */
function reread<A, V>(value: A, before: TableSpec<A>, after: TableSpec<V>): V | undefined {
  const blocks = blocksOf((store) => store.values('state', before).set('key', value))
  const store = memoryStore()
  const table = store.values<string, V>('state', after)
  for (const block of blocks) store.load(block)
  return table.get('key')
}

describe('the tables of an operator', () => {
  it('are kept apart by name, and by what they are', () => {
    const fill = (store: LoadableStore) => ({
      a: store.values<string, unknown>('a', spec),
      b: store.values<string, unknown>('b', spec),
      map: store.maps<string, string, unknown>('a', spec),
    })
    const blocks = blocksOf((store) => {
      const { a, b, map } = fill(store)
      a.set('key', 1)
      b.set('key', 2)
      map.set('key', 'sub', 3)
    })
    const store = memoryStore()
    const { a, b, map } = fill(store)
    for (const block of blocks) store.load(block)
    expect([a.get('key'), b.get('key'), map.get('key', 'sub')]).toEqual([1, 2, 3])
  })

  it('cannot have the same name twice', () => {
    const store = memoryStore()
    store.values('counts', spec)
    expect(thrownBy(() => store.values('counts', spec))).toMatchObject({
      code: 'DUPLICATE_STATE',
      consequence: 'fatal',
      where: { operator: 'op' },
      message: expect.stringContaining('the value "counts"'),
    })
  })

  it('that a snapshot has and the operator has not are an error, unless they may be dropped', () => {
    const [block] = blocksOf((store) => store.maps('gone', spec).set('a', 'b', 1)) as [EntryBlock]
    expect(thrownBy(() => memoryStore().load(block))).toMatchObject({
      code: 'STATE_UNCLAIMED',
      consequence: 'fatal',
      where: { operator: 'op' },
      message: expect.stringContaining('the map "gone"'),
      hint: expect.stringContaining("allowDropped: { state: ['op'] }"),
    })
    const dropping = operatorStore('op', true, null)
    dropping.load(block)
    expect([...(dropping.snapshot(2, null).entries?.blocks() ?? [])]).toEqual([])
  })

  it('tell once that they are loaded', () => {
    const store = memoryStore()
    const told: string[] = []
    store.onLoaded(() => told.push('a'))
    store.onLoaded(() => told.push('b'))
    expect(told).toEqual([])
    store.loaded(1)
    store.loaded(1)
    expect(told).toEqual(['a', 'b'])
  })
})

describe('a value of another version', () => {
  const v1 = { serde: json<{ n: number }>() }
  const v3 = {
    serde: json<{ count: bigint }>(),
    version: 3,
    migrate: {
      1: ({ n }: { n: number }) => ({ count: n }),
      2: ({ count }: { count: number }) => ({ count, also: 'count' }),
    },
  }

  it('becomes one of this version, step by step', () => {
    expect(reread({ n: 5 }, v1, v3)).toEqual({ count: 5, also: 'count' })
    expect(reread({ n: 5 }, { ...v1, version: 2 }, { ...v3, migrate: { 2: () => 'from 2' } })).toBe('from 2')
    expect(reread({ n: 5 }, { ...v1, version: 3 }, v3)).toEqual({ n: 5 })
  })

  it('is seen by the migration as its bytes say, not as the new codec would have it', () => {
    const strict: Serde<number> = {
      encode: (value) => Buffer.from(`${value}`),
      decode(bytes) {
        const value = Number(bytes?.toString())
        if (Number.isNaN(value)) throw new TypeError('not a number')
        return value
      },
      parse: (bytes) => bytes?.toString(),
    }
    const migrate = { 1: (old: string) => old.length }
    expect(reread('four', { serde: text }, { serde: strict, version: 2, migrate })).toBe(4)
    const wrong = thrownBy(() =>
      reread('four', { serde: text }, { serde: strict, version: 2, migrate: { 1: () => NaN } }),
    )
    expect(wrong).toMatchObject({ code: 'STATE_NOT_DECODABLE', consequence: 'corrupted', where: { operator: 'op' } })
  })

  it('is written in this version with its next change only, and both are read', () => {
    const first = memoryStore()
    const old = first.values<number, { n: number }>('state', v1)
    for (let key = 0; key < 3; key++) old.set(key, { n: key })
    const before = [...(first.snapshot(1, null).entries?.blocks() ?? [])]
    const second = memoryStore()
    const table = second.values<number, unknown>('state', v3)
    for (const block of before) second.load(block)
    second.loaded(1)
    table.set(1, { count: 100 })
    const after = [...(second.snapshot(2, null).entries?.blocks() ?? [])]
    expect([before, after].map((blocks) => blocks.map(({ version }) => version))).toEqual([[1], [3]])
    const third = memoryStore()
    const again = third.values<number, unknown>('state', v3)
    for (const block of [...before, ...after]) third.load(block)
    expect([0, 1].map(again.get)).toEqual([{ count: 0, also: 'count' }, { count: 100 }])
  })

  it('that is newer than the job is refused', () => {
    expect(thrownBy(() => reread({ n: 1 }, { ...v1, version: 2 }, v1))).toMatchObject({
      code: 'STATE_TOO_NEW',
      consequence: 'fatal',
      where: { operator: 'op' },
      message: expect.stringContaining(
        'the value "state" has version 2 in the snapshot, but the job knows versions up to 1',
      ),
      hint: expect.stringContaining('later'),
    })
  })

  it('that nothing leads from is refused, and it is said from where', () => {
    const gap = { ...v3, migrate: { 1: v3.migrate[1] } }
    expect(thrownBy(() => reread({ n: 1 }, v1, gap))).toMatchObject({
      code: 'MIGRATION_MISSING',
      consequence: 'fatal',
      where: { operator: 'op' },
      message: expect.stringContaining('version 2'),
      hint: expect.stringContaining('migrate: { 2: (old) => ... }'),
    })
  })

  it('whose migration throws is not guessed', () => {
    const throwing = () => {
      throw new RangeError('no such thing')
    }
    expect(thrownBy(() => reread({ n: 1 }, v1, { ...v1, version: 2, migrate: { 1: throwing } }))).toMatchObject({
      code: 'STATE_NOT_DECODABLE',
      consequence: 'corrupted',
      cause: expect.objectContaining({ message: 'no such thing' }),
    })
  })
})

describe('a value that its codec', () => {
  const picky: Serde<string> = {
    encode(value) {
      if (value === 'bad') throw new TypeError('cannot say it')
      return Buffer.from(value)
    },
    decode(bytes) {
      if (bytes?.toString() === 'odd') throw new TypeError('never heard of it')
      return String(bytes)
    },
  }

  it('does not decode is an error that says where, and what to do', () => {
    expect(thrownBy(() => reread('odd', { serde: picky }, { serde: picky }))).toMatchObject({
      code: 'STATE_NOT_DECODABLE',
      consequence: 'corrupted',
      badRecord: false,
      where: { operator: 'op' },
      message: expect.stringContaining('the value "state" cannot be decoded: never heard of it'),
      hint: expect.stringContaining('Nothing was changed'),
    })
  })

  it('does not decode since the block is damaged is the same error', () => {
    const [block] = blocksOf((store) => store.values('state', spec).set('a', 1)) as [EntryBlock]
    const store = memoryStore()
    store.values('state', spec)
    const cut = { ...block, bytes: block.bytes.subarray(0, -1) }
    expect(thrownBy(() => store.load(cut))).toMatchObject({ code: 'STATE_NOT_DECODABLE', where: { operator: 'op' } })
    const noKey = { ...block, bytes: Buffer.of(1, 0x7a, 0, 1) }
    expect(thrownBy(() => store.load(noKey))).toMatchObject({ code: 'STATE_NOT_DECODABLE' })
  })

  const setBad = () => {
    const store = memoryStore()
    const table = store.values<string, string>('state', { serde: picky })
    table.set('key', 'bad')
    return { store, table, snapshot: store.snapshot(1, null) }
  }
  const unencodable = {
    code: 'STATE_NOT_ENCODABLE',
    consequence: 'fatal',
    badRecord: false,
    where: { operator: 'op' },
    message: expect.stringContaining('cannot say it'),
    hint: expect.any(String),
  }

  it('does not encode ends the job, and blames no record', () => {
    const { snapshot } = setBad()
    expect(thrownBy(() => [...(snapshot.entries?.blocks() ?? [])])).toMatchObject(unencodable)
  })

  it('does not encode ends the job also where a later record wants it first: skipped, it would be missing in the snapshot', () => {
    expect(thrownBy(() => setBad().table.get('key'))).toMatchObject(unencodable)
    expect(thrownBy(() => setBad().table.set('key', 'good'))).toMatchObject(unencodable)
    expect(thrownBy(() => setBad().store.snapshot(2, null))).toMatchObject(unencodable)
  })

  it.each([
    [new RetriableError('DOWN', 'try later'), { code: 'DOWN' }],
    [new FatalError('BAD', 'the record!', { badRecord: true }), { code: 'STATE_NOT_ENCODABLE', badRecord: false }],
  ])('says itself what it means, but not that a record is to blame: %s', (error, expected) => {
    const throwing: Serde<string> = {
      ...picky,
      encode() {
        throw error
      },
    }
    const store = memoryStore()
    store.values<string, string>('state', { serde: throwing }).set('key', 'value')
    const { entries } = store.snapshot(1, null)
    expect(thrownBy(() => [...(entries?.blocks() ?? [])])).toMatchObject(expected)
  })
})

describe('two snapshots at once', () => {
  it('are both complete, and the first is as it was, also where half of it was taken before', () => {
    const store = memoryStore()
    const table = store.values<number, string>('state', { serde: text })
    for (let key = 0; key < 2_000; key++) table.set(key, 'first'.repeat(20))
    const first = store.snapshot(1, null).entries?.blocks()[Symbol.iterator]() as Iterator<EntryBlock>
    const taken = [first.next().value as EntryBlock]
    for (let key = 0; key < 2_000; key++) table.set(key, 'second')
    const second = [...(store.snapshot(2, null).entries?.blocks() ?? [])]
    for (let next = first.next(); !next.done; next = first.next()) taken.push(next.value)
    expect(taken.length).toBeGreaterThan(1)
    const read = (blocks: readonly EntryBlock[]) => {
      const again = memoryStore()
      const table = again.values<number, string>('state', { serde: text })
      for (const block of blocks) again.load(block)
      return [...table.keys()].map((key) => table.get(key))
    }
    expect(read(taken)).toEqual(Array(2_000).fill('first'.repeat(20)))
    expect(read([...taken, ...second])).toEqual(Array(2_000).fill('second'))
  })
})
