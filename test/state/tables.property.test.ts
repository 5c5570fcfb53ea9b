/** Whatever happens to a table between and during its snapshots: what is restored is what was there at the barrier. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { json } from '../../src/serde/json.ts'
import type { Disk, LoadableStore } from '../../src/state/operatorStore.ts'
import { type History, history, memoryStore } from './history.ts'
import { mapDisk } from './mapDisk.ts'

/** Mutable, so that a change in place could spoil a snapshot that is being written. */
interface Value {
  n: number
  readonly pad: string
}

type Act =
  | { readonly type: 'set' | 'change' | 'read' | 'delete'; readonly at: number; readonly count: number }
  | { readonly type: 'barrier' }
  | { readonly type: 'list' }
  | { readonly type: 'pull'; readonly blocks: number }

/** A table under test beside what it should hold. */
interface Subject {
  set(at: number, value: Value): void
  change(at: number, n: number): void
  delete(at: number): void
  read(at: number): Value | undefined
  keys(): readonly number[]
  readonly size: number
}

const spec = { serde: json<Value>() }

function values(store: LoadableStore): Subject {
  const table = store.values<number, Value>('values', spec)
  return {
    set: (at, value) => table.set(at, value),
    change(at, n) {
      const value = table.get(at)
      if (value === undefined) return
      value.n = n
      table.set(at, value)
    },
    delete: (at) => table.delete(at),
    read: table.get,
    keys: () => [...table.keys()],
    get size() {
      return table.size
    },
  }
}

/** Entry `at` is that of key at % 7. */
function maps(store: LoadableStore): Subject {
  const table = store.maps<string, number, Value>('maps', spec)
  const key = (at: number): string => `row ${at % 7}`
  return {
    set: (at, value) => table.set(key(at), at, value),
    change(at, n) {
      const value = table.get(key(at), at)
      if (value === undefined) return
      value.n = n
      table.set(key(at), at, value)
    },
    delete: (at) => (at % 49 === 0 ? table.clear(key(at)) : table.delete(key(at), at)),
    read: (at) => table.get(key(at), at),
    keys: () => [...table.keys()].flatMap(table.subs),
    get size() {
      return table.size
    },
  }
}

const range = {
  at: fc.integer({ min: 0, max: 5_100 }),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 600 })),
}
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('set', 'change', 'read', 'delete'), ...range }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('pull' as const), blocks: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 2, arbitrary: fc.constant({ type: 'barrier' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'list' as const }) },
  ) as fc.Arbitrary<Act>,
  { minLength: 1, maxLength: 40 },
)

/** Plays the acts on a table and on a plain model of it, and keeps what the model was at each barrier. */
function play(given: readonly Act[], filled: number, pad: string, make: (store: LoadableStore) => Subject, disk: Disk) {
  const store = memoryStore(disk.cached < 0 ? null : disk)
  const subject = make(store)
  store.loaded(1)
  const past = history(store)
  const model = new Map<number, Value>()
  const at = new Map<number, ReadonlyMap<number, Value>>()
  let n = 0
  const set = (key: number): void => {
    subject.set(key, { n: ++n, pad })
    model.set(key, { n, pad })
  }
  const one = (type: Act['type'], key: number): void => {
    if (type === 'set') set(key)
    else if (type === 'read') same(subject.read(key)?.n, model.get(key)?.n)
    else if (type === 'delete') remove(key)
    else if (model.has(key)) {
      subject.change(key, ++n)
      model.set(key, { n, pad })
    }
  }
  const remove = (key: number): void => {
    subject.delete(key)
    if (make === maps && key % 49 === 0) {
      for (const other of [...model.keys()]) if (other % 7 === key % 7) model.delete(other)
    } else model.delete(key)
  }
  for (let key = 0; key < filled; key++) set(key)
  for (const act of given) {
    if (act.type === 'barrier') {
      at.set(at.size + 1, new Map(model))
      past.barrier(at.size)
    } else if (act.type === 'pull') past.pull(act.blocks)
    else if (act.type === 'list') same(inOrder(subject.keys()).join(), inOrder(model.keys()).join())
    else for (let key = act.at; key < act.at + act.count; key++) one(act.type, key)
  }
  past.pull()
  return { at, past, subject, model }
}

/** `expect` takes longer than what is measured here, many thousand times over. */
function same(found: unknown, expected: unknown): void {
  if (found !== expected) expect(found).toBe(expected)
}

const inOrder = (keys: Iterable<number>): readonly number[] => [...keys].sort((a, b) => a - b)
const line = (key: number, value: Value | undefined): string => `${key} ${value?.n} ${value?.pad.length}`
const sorted = (content: ReadonlyMap<number, Value>) =>
  inOrder(content.keys()).map((key) => line(key, content.get(key)))
const contentOf = (subject: Subject) => inOrder(subject.keys()).map((key) => line(key, subject.read(key)))

function restored(past: History, checkpoint: number, make: (store: LoadableStore) => Subject, disk: Disk): Subject {
  const store = memoryStore(disk.cached < 0 ? null : disk)
  const subject = make(store)
  past.restore(checkpoint, store)
  return subject
}

const kinds: readonly (readonly [string, (store: LoadableStore) => Subject])[] = [
  ['a value table', values],
  ['a map table', maps],
]
const places: readonly (readonly [string, number])[] = [
  ['in memory', -1],
  ['beside memory', 3],
]

describe.each(kinds)('%s', (_, make) => {
  it.each(places)(
    '%s is restored as it was at each barrier, whatever happens while it is written',
    (_place, cached) => {
      const start = fc.constantFrom(0, 3, 800, 2_500, 5_000)
      const pads = fc.constantFrom('', 'x'.repeat(100), 'x'.repeat(1_000))
      fc.assert(
        fc.property(acts, start, pads, (given, filled, pad) => {
          const { at, past, subject, model } = play(given, filled, pad, make, mapDisk(cached))
          same(contentOf(subject).join('\n'), sorted(model).join('\n'))
          for (const [checkpoint, expected] of at) {
            const again = restored(past, checkpoint, make, mapDisk(cached))
            same(contentOf(again).join('\n'), sorted(expected).join('\n'))
            expect(again.size).toBe(expected.size)
          }
        }),
        { numRuns: cached < 0 ? 40 : 20 },
      )
    },
    30_000,
  )

  it('goes on with checkpoints after it was restored, also with a chain that began before', () => {
    fc.assert(
      fc.property(acts, acts, fc.constantFrom(3, 2_500, 5_000), (before, after, filled) => {
        const disk = mapDisk(-1)
        const first = play([...before, { type: 'barrier' }], filled, '', make, disk)
        const store = memoryStore()
        const subject = make(store)
        first.past.restore(first.at.size, store)
        const later = first.past.continued(store)
        later.barrier(first.at.size + 1)
        for (const act of after) if (act.type === 'set') subject.set(act.at, { n: 0, pad: '' })
        later.pull(1)
        later.barrier(first.at.size + 2)
        later.pull()
        const was = sorted(first.at.get(first.at.size) ?? new Map())
        expect(contentOf(restored(later, first.at.size + 1, make, disk))).toEqual(was)
        expect(contentOf(restored(later, first.at.size + 2, make, disk))).toEqual(contentOf(subject))
      }),
      { numRuns: 15 },
    )
  }, 30_000)
})
