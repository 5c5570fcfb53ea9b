/** One value for each key. */
import type { Key } from '../element.ts'
import { entryWriter } from './entries.ts'
import { decodeKey, encodeKey } from './keys.ts'
import { evict, rounds } from './rounds.ts'
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

const noSub = Buffer.alloc(0)

/** @param cached how many values stay in memory where there is a backing */
export function valueTable<K extends Key, V>(
  name: string,
  spec: OwnedSpec<V>,
  backing: Backing | null = null,
  cached = 0,
): ValueTable<K, V> & SnapshotTable {
  const { version = 1, expired } = spec
  const codec = stateCodec(spec, name)
  const values = new Map<K, V>()
  const out = entryWriter()
  let dirty = new Set<K>()
  let frozen = new Set<K>()
  let freezing: Iterator<K> = frozen.values()

  /** Whoever may change the value has it written first. */
  function touch(key: K): void {
    if (!frozen.delete(key)) return
    const value = values.get(key)
    const bytes = encodeKey(key)
    const encoded = value === undefined ? undefined : codec.encode(value)
    out.write(bytes, noSub, encoded)
    backing?.save(bytes, noSub, encoded)
  }

  function find(key: K): V | undefined {
    const value = values.get(key)
    if (value !== undefined || backing === null || dirty.has(key)) return value
    let found: V | undefined
    backing.load(encodeKey(key), (_, bytes) => {
      found = codec.decode(bytes as Buffer | null, version)
    })
    if (found !== undefined) values.set(key, found)
    return found
  }

  /** Without a trace: what is older than this round is not read again after it. */
  function forget(key: K): void {
    values.delete(key)
    backing?.save(encodeKey(key), noSub, undefined)
  }

  /** What has changed since the barrier has its turn with what is frozen next. */
  function* inMemory(): Generator<void> {
    for (const [key, value] of values) {
      if (dirty.has(key)) continue
      if (expired?.(value)) forget(key)
      else out.write(encodeKey(key), noSub, codec.encode(value))
      yield
    }
  }

  function* onDisk(from: Backing): Generator<void> {
    for (const [bytes, , encoded] of from.scan()) {
      const key = decodeKey(bytes) as K
      if (dirty.has(key)) continue
      if (expired?.(codec.decode(encoded, version))) forget(key)
      else out.write(bytes, noSub, encoded)
      yield
    }
  }

  function* keys(): Generator<K> {
    yield* values.keys()
    if (backing === null) return
    for (const [bytes] of backing.scan()) {
      const key = decodeKey(bytes) as K
      if (!values.has(key) && !dirty.has(key) && !frozen.has(key)) yield key
    }
  }

  /** What has changed, what is gone too, and the rest of what there is. */
  function everything(): Set<K> {
    const all = new Set(dirty)
    for (const key of [...keys()]) {
      const value = find(key)
      if (value !== undefined && expired?.(value)) {
        forget(key)
        all.delete(key)
      } else all.add(key)
    }
    return all
  }

  return {
    ...{ name, version, out, keys },
    ...rounds(() => (backing === null ? inMemory() : onDisk(backing))),
    get size() {
      return backing?.size ?? values.size
    },
    get changed() {
      return dirty.size
    },
    get frozen() {
      return frozen.size
    },
    get(key) {
      if (frozen.size > 0) touch(key)
      return backing === null ? values.get(key) : find(key)
    },
    set(key, value) {
      if (frozen.size > 0) touch(key)
      values.set(key, value)
      dirty.add(key)
    },
    delete(key) {
      if (frozen.size > 0) touch(key)
      if (find(key) === undefined) return
      values.delete(key)
      dirty.add(key)
    },
    freeze(whole) {
      frozen = whole ? everything() : dirty
      freezing = frozen.values()
      dirty = new Set()
    },
    writeFrozen() {
      const { value: key, done } = freezing.next()
      if (!done) touch(key)
    },
    load(bytes, _, encoded, from) {
      const key = decodeKey(bytes) as K
      const value = encoded === undefined ? undefined : codec.decode(encoded, from)
      if (backing !== null) backing.save(bytes, noSub, value === undefined ? undefined : codec.encode(value))
      else if (value === undefined) values.delete(key)
      else values.set(key, value)
    },
    evict() {
      if (backing !== null) evict(values, cached, (key) => dirty.has(key))
    },
  }
}
