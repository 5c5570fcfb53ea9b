/** The handles of state, on real tables, with snapshots in between. */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../src/record.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { listState } from '../../src/state/listState.ts'
import { mapState, readonlyMap } from '../../src/state/mapState.ts'
import type { StateSpec } from '../../src/state/stateSpec.ts'
import { valueState } from '../../src/state/valueState.ts'
import { snapshotCollector, type TestSnapshot, testStates } from '../../src/testing/testStates.ts'

/** One state of an operator. The current key and the time of the call are the test's. */
function opened<H>(spec: StateSpec<H>, from?: TestSnapshot) {
  const store = testStates(from).open('op')
  const collector = snapshotCollector(from)
  const call = { key: 'k' as Key, time: 0, eventTime: -Infinity }
  const scope = { store, key: () => call.key, time: () => call.time, eventTime: () => call.eventTime }
  const state = spec.open(scope, 'name')
  let checkpoint = from?.checkpoint ?? 0

  const take = (): TestSnapshot => {
    checkpoint += 1
    collector.add(checkpoint, [store.snapshot(checkpoint, null)])
    return collector.at(checkpoint) as TestSnapshot
  }
  return { call, state, take, restart: () => opened(spec, take()) }
}

describe('valueState', () => {
  it('is a value for each key, until it is deleted', () => {
    const { call, state } = opened(valueState<number>())
    expect(state.get()).toBeUndefined()
    state.set(1)
    call.key = 'other'
    expect(state.get()).toBeUndefined()
    state.set(2)
    call.key = 'k'
    expect(state.get()).toBe(1)
    state.delete()
    expect(state.get()).toBeUndefined()
  })

  it('comes back from a snapshot, through its codec', () => {
    const codec: Serde<Date> = {
      encode: (date) => Buffer.from(date.toISOString()),
      decode: (bytes) => new Date(String(bytes)),
    }
    for (const spec of [valueState(codec), valueState({ codec })]) {
      const before = opened(spec)
      before.state.set(new Date(5))
      expect(before.restart().state.get()).toEqual(new Date(5))
    }
  })

  it('expires where it has a ttl, from when it was last set', () => {
    const { call, state } = opened(valueState<number>({ ttl: 10 }))
    state.set(1)
    call.time = 5
    state.set(2)
    call.time = 14
    expect(state.get()).toBe(2)
    call.time = 15
    expect(state.get()).toBeUndefined()
  })

  it('is migrated', () => {
    const before = opened(valueState<number>({ ttl: 100 }))
    before.state.set(1)
    const migrated = valueState<string>({ ttl: 100, version: 2, migrate: { 1: (old: number) => `was ${old}` } })
    expect(opened(migrated, before.take()).state.get()).toBe('was 1')
  })
})

describe('what a state is made with', () => {
  it('is checked at once', () => {
    for (const options of [{ ttl: 0 }, { ttl: -1 }, { ttl: Number.NaN }, { ttl: Infinity }, { version: 0 }]) {
      const bad = expect.objectContaining({ code: 'BAD_OPTION' })
      expect(() => valueState<number>(options)).toThrow(bad)
      expect(() => listState<number>(options)).toThrow(bad)
      expect(() => mapState<string, number>(options)).toThrow(bad)
    }
  })
})

describe('mapState', () => {
  it('has entries, for each key its own', () => {
    const { call, state } = opened(mapState<string | number, string>(text))
    state.set('1', 'text')
    state.set(1, 'number')
    expect([state.get('1'), state.get(1), state.size]).toEqual(['text', 'number', 2])
    expect(state.entries()).toEqual([
      ['1', 'text'],
      [1, 'number'],
    ])
    call.key = 'other'
    expect([state.has('1'), state.keys(), state.size]).toEqual([false, [], 0])
    state.set('2', 'x')
    call.key = 'k'
    state.delete('1')
    expect([state.has('1'), state.keys(), state.size]).toEqual([false, [1], 1])
    state.clear()
    expect([state.get(1), state.size]).toEqual([undefined, 0])
    call.key = 'other'
    expect(state.size).toBe(1)
  })

  it('comes back from a snapshot', () => {
    const before = opened(mapState<string, number>())
    before.state.set('a', 1)
    before.state.set('b', 2)
    const after = before.restart()
    after.state.delete('a')
    expect(after.restart().state.entries()).toEqual([['b', 2]])
  })

  it('loses entries that have expired, each by itself', () => {
    const { call, state, take } = opened(mapState<string, number>({ ttl: 10 }))
    state.set('a', 1)
    call.time = 5
    state.set('b', 2)
    call.time = 10
    expect([state.has('a'), state.get('a'), state.has('b'), state.size]).toEqual([false, undefined, true, 1])
    expect([state.keys(), state.entries()]).toEqual([['b'], [['b', 2]]])
    // A record that is late may still find it, until it is removed.
    call.time = 9
    expect([state.has('a'), state.size]).toEqual([true, 2])
    call.eventTime = 10
    take()
    expect([state.has('a'), state.keys()]).toEqual([false, ['b']])
  })

  it('can be shown to those who may not change it', () => {
    const { state } = opened(mapState<string, number>())
    const shown = readonlyMap(state)
    state.set('a', 1)
    expect([shown.get('a'), shown.has('a'), shown.has('b'), shown.size]).toEqual([1, true, false, 1])
    expect([shown.keys(), shown.entries()]).toEqual([['a'], [['a', 1]]])
    expect(Object.keys(shown)).toEqual(['get', 'has', 'keys', 'entries', 'size'])
  })
})

describe('listState', () => {
  it('keeps what is added in its order, for each key', () => {
    const { call, state } = opened(listState<number>())
    expect([state.get(), state.length]).toEqual([[], 0])
    state.add(1)
    state.add(2)
    call.key = 'other'
    state.add(3)
    expect([state.get(), state.length]).toEqual([[3], 1])
    call.key = 'k'
    expect([state.get(), state.length]).toEqual([[1, 2], 2])
  })

  it('is replaced as a whole, also by what it has', () => {
    const { state } = opened(listState<number>())
    for (const value of [1, 2, 3]) state.add(value)
    state.set(new Set([4, 5]))
    expect(state.get()).toEqual([4, 5])
    state.add(6)
    state.set(state.get().filter((value) => value !== 5))
    expect(state.get()).toEqual([4, 6])
    const backwards = function* () {
      yield* state.get().toReversed()
    }
    state.set(backwards())
    expect(state.get()).toEqual([6, 4])
    state.clear()
    expect([state.get(), state.length]).toEqual([[], 0])
  })

  it('comes back from a snapshot, and goes on at its end', () => {
    for (const spec of [listState<number>(), listState<number>({ ttl: 1_000 })]) {
      const before = opened(spec)
      for (let value = 0; value < 12; value++) before.state.add(value)
      const after = before.restart()
      after.state.add(12)
      expect(after.restart().state.get()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    }
  })

  it('writes one entry for an element that is added to a long list', () => {
    const { state, take } = opened(listState(text))
    for (let place = 0; place < 2_000; place++) state.add('x'.repeat(100))
    const size = (snapshot: TestSnapshot) => {
      const blocks = [...snapshot.entries.values()].flat().filter(({ table }) => table === 'map:name')
      return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
    }
    const first = size(take())
    state.add('y')
    // The new one, and a thousand of the others: the part of the round that goes along with every snapshot.
    expect(size(take()) - first).toBeLessThan(first * 0.51)
  })

  it('loses elements that have expired, each by itself, and never writes over one that has not', () => {
    const { call, state, take } = opened(listState<string>({ ttl: 10 }))
    state.add('at 0')
    call.time = 5
    state.add('at 5')
    call.time = 2
    state.add('at 2')
    call.time = 11
    expect([state.get(), state.length]).toEqual([['at 5', 'at 2'], 2])
    call.eventTime = 12
    take()
    call.time = 12
    state.add('at 12')
    expect(state.get()).toEqual(['at 5', 'at 12'])
    call.eventTime = 30
    call.time = 30
    take()
    state.add('at 30')
    expect(state.get()).toEqual(['at 30'])
  })

  it('begins anew after it was cleared', () => {
    const { state, take, call } = opened(listState<string>({ ttl: 10 }))
    state.add('a')
    state.clear()
    state.add('b')
    call.eventTime = 5
    take()
    expect(state.get()).toEqual(['b'])
  })
})
