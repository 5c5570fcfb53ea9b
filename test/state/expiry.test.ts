/** Values that expire: gone for records, then from the table, and no longer in the snapshots. */
import { describe, expect, it } from 'vitest'
import { json } from '../../src/serde/json.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import type { Disk, LoadableStore } from '../../src/state/operatorStore.ts'
import { plainSpec, type Stamped, stampedSpec, stateOptions } from '../../src/state/stateOptions.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { history, memoryStore } from './history.ts'
import { mapDisk } from './mapDisk.ts'

const pad = 'x'.repeat(1_000)

/** 1,000 bytes an entry, so that from the second checkpoint on it is no small table where there are more than 64. */
function stage(filled: number, disk: Disk | null = null) {
  const time = { now: 0 }
  const open = (store: LoadableStore) => ({
    store,
    values: store.values<number, Stamped<string>>(
      'values',
      stampedSpec({}, 10, () => time.now),
    ),
    maps: store.maps<string, number, Stamped<string>>(
      'maps',
      stampedSpec({}, 10, () => time.now),
    ),
  })
  const { store, values, maps } = open(memoryStore(disk))
  store.loaded(1)
  const past = history(store)
  const add = (key: number): void => {
    values.set(key, { at: time.now, value: pad })
    maps.set(`row ${key % 5}`, key, { at: time.now, value: pad })
  }
  for (let key = 0; key < filled; key++) add(key)
  let n = 0
  const checkpoint = (): number => {
    past.barrier(++n)
    past.pull()
    return n
  }
  const restored = (at: number) => {
    const again = open(memoryStore(disk === null ? null : mapDisk(3)))
    past.restore(at, again.store)
    return again
  }
  return { time, values, maps, past, add, checkpoint, restored }
}

const places: readonly (readonly [string, () => Disk | null])[] = [
  ['in memory', () => null],
  ['beside memory', () => mapDisk(3)],
]

describe.each(places)('an expired value, %s', (_, disk) => {
  it('is dropped from a small table at its next checkpoint with changes, and is not in the snapshot', () => {
    const { time, values, maps, add, checkpoint, restored } = stage(10, disk())
    checkpoint()
    time.now = 10
    add(77)
    const n = checkpoint()
    for (const at of [{ values, maps }, restored(n)]) {
      expect([...at.values.keys()]).toEqual([77])
      expect([...at.maps.keys()].flatMap(at.maps.subs)).toEqual([77])
      expect(at.maps.size).toBe(1)
    }
  })

  it('leaves nothing in the snapshot, also where it has changed since the one before', () => {
    const { time, add, past, checkpoint } = stage(10, disk())
    time.now = 10
    add(77)
    expect(past.bytes(checkpoint())).toBeLessThan(2 * (pad.length + 50))
  })

  it('is dropped from a larger one in the course of a round', () => {
    const { time, values, maps, add, checkpoint, restored } = stage(1_000, disk())
    checkpoint()
    time.now = 10
    for (let n = 0; n < 66; n++) {
      add(5_000 + n)
      checkpoint()
    }
    const last = checkpoint()
    for (const at of [{ values, maps }, restored(last)]) {
      expect([...at.values.keys()].sort()[0]).toBe(5_000)
      expect([...at.maps.keys()].flatMap(at.maps.subs).sort()[0]).toBe(5_000)
      expect(at.maps.size).toBe(66)
    }
  })

  it('stays where it was set again, or has some time left', () => {
    const { time, values, add, checkpoint, restored } = stage(10, disk())
    checkpoint()
    time.now = 9
    add(3)
    expect([...restored(checkpoint()).values.keys()]).toHaveLength(10)
    time.now = 18
    add(99)
    const n = checkpoint()
    expect([...restored(n).values.keys()].sort()).toEqual([3, 99])
    expect(values.get(3)?.at).toBe(9)
  })

  it('brings nothing back that was deleted beside it and is not written yet', () => {
    const { time, maps, add, past, checkpoint } = stage(1_000, disk())
    maps.set('pair', 1, { at: 0, value: 'expires' })
    maps.set('pair', 2, { at: 1_000, value: 'stays' })
    checkpoint()
    time.now = 10
    for (let n = 1; maps.has('pair', 1); n++) {
      add(7_000 + n)
      past.barrier(n + 1)
      maps.delete('pair', 2)
      past.pull()
      expect(maps.has('pair', 2)).toBe(false)
      if (maps.has('pair', 1)) maps.set('pair', 2, { at: 1_000, value: 'stays' })
    }
  })
})

describe('a time to live that is set later', () => {
  const values = (store: LoadableStore) => store.values<string, string>('state', plainSpec({ codec: text }))
  const timed = (store: LoadableStore, now: number) =>
    store.values<string, Stamped<string>>(
      'state',
      stampedSpec({ codec: text }, 10, () => now),
    )

  it('begins for the old values when they are read, or where nothing tells the time, when they are set', () => {
    const store = memoryStore()
    values(store).set('key', 'a text of more than nine bytes')
    const past = history(store)
    past.barrier(1)
    past.pull()
    for (const [now, at] of [
      [5, 5],
      [-Infinity, Infinity],
    ] as const) {
      const again = memoryStore()
      const table = timed(again, now)
      past.restore(1, again)
      expect(table.get('key')).toEqual({ at, value: 'a text of more than nine bytes' })
    }
  })

  it('and is left out again loses nothing, tombstones included, whatever mixture the chain is', () => {
    const first = memoryStore()
    const plain = values(first)
    first.loaded(1)
    plain.set('a', '1')
    plain.set('b', '2')
    const past = history(first)
    past.barrier(1)
    past.pull()
    const second = memoryStore()
    const expiring = timed(second, 5)
    past.restore(1, second)
    expiring.set('b', { at: 6, value: '3' })
    expiring.delete('a')
    const later = past.continued(second)
    later.barrier(2)
    later.pull()
    const third = memoryStore()
    const again = values(third)
    later.restore(2, third)
    expect(['a', 'b'].map(again.get)).toEqual([undefined, '3'])
  })

  it('does not hide damage', () => {
    const store = memoryStore()
    timed(store, 0)
    const bytes = Buffer.from([1, 0x74, 0, 1])
    expect(() => store.load({ table: 'timed value:state', version: 1, bytes })).toThrow('STATE_NOT_DECODABLE')
    const plain = memoryStore()
    values(plain)
    expect(() => plain.load({ table: 'timed value:state', version: 1, bytes })).toThrow('STATE_NOT_DECODABLE')
  })
})

describe('values with their time, as bytes', () => {
  const reread = (value: unknown, serde: Serde<unknown>, at = 12.5) => {
    const spec = stampedSpec({ codec: serde, version: 2, migrate: { 1: (old) => ['old', old] } }, 10, () => 0)
    const bytes = spec.serde.encode({ at, value })
    const buffer = bytes === null ? null : Buffer.from(bytes)
    const store = memoryStore()
    return { plain: spec.serde.decode(buffer), parsed: spec.serde.parse?.(buffer), store, spec }
  }
  const nullish: Serde<unknown> = {
    encode: (value) => (value === null ? null : Buffer.from(JSON.stringify(value))),
    decode: (bytes) => (bytes === null ? null : JSON.parse(bytes.toString())),
    parse: (bytes) => (bytes === null ? null : { parsed: JSON.parse(bytes.toString()) }),
  }

  it('come back, null and empty ones too', () => {
    for (const value of ['', 'x', null, 0, false]) {
      expect(reread(value, nullish).plain).toEqual({ at: 12.5, value })
    }
    const empty: Serde<unknown> = { encode: () => Buffer.alloc(0), decode: (bytes) => bytes?.length }
    expect(reread('', empty).plain).toEqual({ at: 12.5, value: 0 })
  })

  it('are parsed for a migration, where the codec can', () => {
    expect(reread(1, nullish).parsed).toEqual({ at: 12.5, value: { parsed: 1 } })
    expect(reread(null, nullish).parsed).toEqual({ at: 12.5, value: null })
    expect(reread(1, json<unknown>()).parsed).toEqual({ at: 12.5, value: 1 })
  })

  it('keep their time through a migration', () => {
    const { spec } = reread(1, nullish)
    expect(spec.migrate?.[1]?.({ at: 3, value: 'v' } as never)).toEqual({ at: 3, value: ['old', 'v'] })
  })
})

describe('the options of a state', () => {
  it.each([0, -1, 1.5, NaN, Infinity, '1'])('a version cannot be %s', (version) => {
    expect(thrownBy(() => stateOptions('valueState', { version: version as number }))).toMatchObject({
      code: 'BAD_OPTION',
      consequence: 'fatal',
      message: expect.stringContaining('valueState: version is'),
    })
  })

  it.each([0, -1, NaN, Infinity, '1'])('a time to live cannot be %s', (ttl) => {
    expect(thrownBy(() => stateOptions('valueState', { ttl: ttl as number }))).toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('valueState: ttl is'),
    })
  })

  it('may be left out, and a time to live need not be whole', () => {
    stateOptions('valueState', {})
    stateOptions('valueState', { version: 7, ttl: 0.5 })
  })
})
