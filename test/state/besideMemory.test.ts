/**
 * Tables that keep most of their entries elsewhere: changes in memory take precedence over them.
 */
import { describe, expect, it } from 'vitest'
import { text } from '../../src/serde/text.ts'
import { history, memoryStore } from './history.ts'
import { mapDisk } from './mapDisk.ts'

const spec = { serde: text }

function stage() {
  const store = memoryStore(mapDisk(0))
  const values = store.values<string, string>('values', spec)
  const maps = store.maps<string, string, string>('maps', spec)
  store.loaded(1)
  const past = history(store)
  for (const key of ['a', 'b']) {
    values.set(key, key)
    maps.set('row', key, key)
  }
  past.barrier(1)
  past.pull()
  return { values, maps, past }
}

describe('what is deleted in memory and still beside it', () => {
  it('is not found', () => {
    const { values, maps } = stage()
    values.delete('a')
    maps.delete('row', 'a')
    expect([values.get('a'), values.get('b')]).toEqual([undefined, 'b'])
    expect([maps.has('row', 'a'), maps.get('row', 'b'), maps.count('row')]).toEqual([false, 'b', 1])
    maps.clear('row')
    expect([maps.has('row', 'b'), maps.count('row'), maps.size]).toEqual([false, 0, 0])
  })

  it('is not listed, before the barrier and after it', () => {
    const { values, maps, past } = stage()
    values.delete('a')
    maps.clear('row')
    const listed = () => [[...values.keys()], [...maps.keys()]]
    expect(listed()).toEqual([['b'], []])
    past.barrier(2)
    expect(listed()).toEqual([['b'], []])
    past.pull()
    expect(listed()).toEqual([['b'], []])
  })
})

describe('what is beside memory', () => {
  it('is found, changed and listed once', () => {
    const { values, maps } = stage()
    expect([...values.keys()].sort()).toEqual(['a', 'b'])
    values.set('a', 'changed')
    maps.set('row', 'c', 'new')
    expect([...values.keys()].sort()).toEqual(['a', 'b'])
    expect([values.get('a'), values.get('b')]).toEqual(['changed', 'b'])
    expect([...maps.keys()]).toEqual(['row'])
    expect(maps.subs('row')).toEqual(['a', 'b', 'c'])
    expect(maps.size).toBe(3)
  })
})

describe('a value of a large table', () => {
  it('is beside memory as it was changed, also where it was only read before its turn', () => {
    const store = memoryStore(mapDisk(0))
    const values = store.values<number, string>('values', spec)
    store.loaded(1)
    const past = history(store)
    let checkpoint = 0
    const pull = (): void => {
      past.barrier(++checkpoint)
      past.pull()
    }
    for (let key = 0; key < 3_000; key++) values.set(key, 'old'.padEnd(100))
    pull()
    for (let key = 0; key < 100; key++) values.set(key, 'new')
    past.barrier(++checkpoint)
    for (let key = 0; key < 100; key++) values.get(key)
    past.pull()
    // Until all of them have left memory.
    for (let key = 3_000; key < 9_000; key++) {
      values.set(key, 'other')
      if (key % 1_000 === 0) pull()
    }
    expect(Array.from({ length: 100 }, (_, key) => values.get(key)).filter((value) => value !== 'new')).toEqual([])
    expect(values.get(200)?.trim()).toBe('old')
  })
})
