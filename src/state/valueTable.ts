/**
 * One value for each key. An entry is one object, found once for each record, that says itself when it has changed (stamps.ts): what has changed
 * and what is frozen are lists of entries, so that with a million keys a record costs one look into a large Map, and not one for each question.
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../element.ts'
import { entryWriter } from './entries.ts'
import { decodeKey, encodeKey } from './keys.ts'
import { evictor, rounds } from './rounds.ts'
import { type OwnedSpec, stateCodec } from './stateSerde.ts'
import type { Backing, SnapshotTable } from './table.ts'

export interface ValueTable<K extends Key, V> {
  readonly size: number
  /** undefined: there is none. The value may be changed in place if it is `set` afterwards. */
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  /** Every key once, in no particular order. */
  keys(): Iterable<K>
}

interface Entry<K, V> {
  readonly key: K
  /** undefined: gone, which must be written too. */
  value: V | undefined
  /**
   * Odd: it has changed, in the time before the freeze with this number. Even: it was written then, or later for the snapshot of that time. 0: in no
   * snapshot of this attempt.
   */
  stamp: number
}

const noSub = Buffer.alloc(0)
/** For each entry that comes into memory: more than one, so that those that stay because they have changed are made up for. */
const looksForEach = 2

/** @param cached how many values stay in memory where there is a backing */
export function valueTable<K extends Key, V>(
  name: string,
  spec: OwnedSpec<V>,
  backing: Backing | null = null,
  cached = 0,
): ValueTable<K, V> & SnapshotTable {
  const { version = 1, expired } = spec
  const codec = stateCodec(spec, name)
  const entries = new Map<K, Entry<K, V>>()
  const out = entryWriter()
  let dirty: Entry<K, V>[] = []
  let frozen: Entry<K, V>[] = []
  /** Of those that are frozen, the one whose turn it is. */
  let turn = 0
  /** Of what changes now. What is frozen and not written has the odd one before it. */
  let now = 3
  /** How many there are; null: whatever the backing says. */
  let size: number | null = 0
  /** The entry of the key that was asked for last: `get` is followed by `set`. */
  let last: Entry<K, V> | undefined

  const evict = evictor(entries, cached, (_, { stamp }) => stamp % 2 === 0, remove)

  /** Whoever may change the value has it written first. */
  function touch(entry: Entry<K, V>): void {
    if (entry.stamp === now - 2) write(entry)
  }

  function write(entry: Entry<K, V>): void {
    const { key, value } = entry
    if (backing === null) out.put(key, undefined, value === undefined ? undefined : codec.inPlace(value))
    else {
      const bytes = encodeKey(key)
      const encoded = value === undefined ? undefined : codec.encode(value)
      out.write(bytes, noSub, encoded)
      backing.save(bytes, noSub, encoded)
    }
    entry.stamp = now - 1
  }

  function mark(entry: Entry<K, V>): void {
    if (entry.stamp === now) return
    entry.stamp = now
    dirty.push(entry)
  }

  /** Written, where it is frozen. */
  function find(key: K): Entry<K, V> | undefined {
    const entry = last !== undefined && last.key === key ? last : (entries.get(key) ?? loaded(key))
    if (entry === undefined) return undefined
    last = entry
    touch(entry)
    return entry
  }

  function loaded(key: K): Entry<K, V> | undefined {
    let value: V | undefined
    backing?.load(encodeKey(key), (_, bytes) => {
      value = codec.decode(bytes as Buffer | null, version)
    })
    return value === undefined ? undefined : add(key, value, 0)
  }

  function add(key: K, value: V | undefined, stamp: number): Entry<K, V> {
    if (backing !== null) evict(looksForEach)
    const entry = { key, value, stamp }
    entries.set(key, entry)
    return entry
  }

  function remove(key: K): void {
    if (last?.key === key) last = undefined
    entries.delete(key)
  }

  const counted = (): number => (size ??= backing?.size ?? 0)

  /** Without a trace: what is older than this round is not read again after it. */
  function forget(entry: Entry<K, V>): void {
    size = counted() - 1
    remove(entry.key)
    backing?.save(encodeKey(entry.key), noSub, undefined)
  }

  /** What has changed has its turn with what is frozen next; what was written since the round has begun need not be written again. */
  function visit(entry: Entry<K, V>, begun: number): void {
    if (entry.stamp >= begun) return
    if (expired?.(entry.value as V)) forget(entry)
    else write(entry)
  }

  function* inMemory(): Generator<void> {
    const begun = now - 1
    for (const entry of entries.values()) {
      visit(entry, begun)
      yield
    }
  }

  function* onDisk(from: Backing): Generator<void> {
    const begun = now - 1
    for (const [bytes, , encoded] of from.scan()) {
      const key = decodeKey(bytes) as K
      const entry = entries.get(key)
      if (entry !== undefined) visit(entry, begun)
      else if (expired?.(codec.decode(encoded, version))) forget({ key, value: undefined, stamp: 0 })
      else out.write(bytes, noSub, encoded)
      yield
    }
  }

  function* keys(): Generator<K> {
    if (backing === null) {
      for (const { key, value } of entries.values()) if (value !== undefined) yield key
      return
    }
    // What is in memory may be elsewhere by the time that it is looked for.
    const inMemory = [...entries.values()]
    const seen = new Set(entries.keys())
    for (const { key, value } of inMemory) if (value !== undefined) yield key
    for (const [bytes] of backing.scan()) {
      const key = decodeKey(bytes) as K
      if (!seen.has(key)) yield key
    }
  }

  /** What has changed, what is gone too, and the rest of what there is. */
  function everything(): Entry<K, V>[] {
    const all = new Set(dirty)
    for (const key of [...keys()]) {
      const entry = find(key)
      if (entry?.value === undefined) continue
      if (expired?.(entry.value)) {
        forget(entry)
        all.delete(entry)
      } else {
        entry.stamp = now
        all.add(entry)
      }
    }
    return [...all]
  }

  return {
    ...{ name, version, out, keys },
    ...rounds(() => (backing === null ? inMemory() : onDisk(backing))),
    get size() {
      return counted()
    },
    get changed() {
      return dirty.length
    },
    get frozen() {
      return frozen.length - turn
    },
    get: (key) => find(key)?.value,
    set(key, value) {
      const entry = find(key) ?? add(key, undefined, 0)
      if (entry.value === undefined) size = counted() + 1
      entry.value = value
      mark(entry)
    },
    delete(key) {
      const entry = find(key)
      if (entry?.value === undefined) return
      size = counted() - 1
      entry.value = undefined
      mark(entry)
    },
    freeze(whole) {
      frozen = whole ? everything() : dirty
      turn = 0
      dirty = []
      now += 2
    },
    writeFrozen() {
      const entry = frozen[turn]
      if (entry === undefined) return
      touch(entry)
      turn += 1
      if (entry.value === undefined && entry.stamp !== now) remove(entry.key)
      if (turn === frozen.length) {
        frozen = []
        turn = 0
      }
    },
    load(bytes, _, encoded, from) {
      const value = encoded === undefined ? undefined : codec.decode(encoded, from)
      if (backing !== null) {
        backing.save(bytes, noSub, value === undefined ? undefined : codec.encode(value))
        size = null
        return
      }
      const key = decodeKey(bytes) as K
      if (value === undefined) entries.delete(key)
      else add(key, value, 0)
      size = entries.size
    },
    evict() {
      if (backing !== null) evict()
    },
  }
}
