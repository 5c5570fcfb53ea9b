/** One value for each key. */
import type { Key } from '../element.ts'
import { entryWriter } from './entries.ts'
import { decodeKey, encodeKey } from './keys.ts'
import { decodeState, type OwnedSpec } from './stateSerde.ts'
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
  const { serde, version = 1, expired } = spec
  const values = new Map<K, V>()
  const out = entryWriter()
  let dirty = new Set<K>()
  let frozen = new Set<K>()
  let freezing: Iterator<K> = frozen.values()
  let round: Iterator<unknown> | null = null

  function write(key: K, value: V | undefined): void {
    const bytes = encodeKey(key)
    const encoded = value === undefined ? undefined : serde.encode(value)
    out.write(bytes, noSub, encoded)
    backing?.save(bytes, noSub, encoded)
  }

  /** Whoever may change the value has it written first. */
  function touch(key: K): void {
    if (frozen.size > 0 && frozen.delete(key)) write(key, values.get(key))
  }

  function find(key: K): V | undefined {
    const value = values.get(key)
    if (value !== undefined || backing === null || dirty.has(key)) return value
    let found: V | undefined
    backing.load(encodeKey(key), (_, bytes) => {
      found = decodeState(spec, bytes as Buffer | null, version)
    })
    if (found !== undefined) values.set(key, found)
    return found
  }

  const stepInMemory = (at: K): void => {
    const value = values.get(at)
    if (value === undefined || dirty.has(at)) return
    if (expired?.(value)) values.delete(at)
    else out.write(encodeKey(at), noSub, serde.encode(value))
  }

  const stepOnDisk = ([bytes, , encoded]: readonly [Buffer, Buffer, Buffer | null]): void => {
    const key = decodeKey(bytes) as K
    if (dirty.has(key)) return
    if (!expired?.(decodeState(spec, encoded, version))) return out.write(bytes, noSub, encoded)
    values.delete(key)
    backing?.save(bytes, noSub, undefined)
  }

  return {
    ...{ name, version, out },
    get size() {
      return backing?.size ?? values.size
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
    *keys() {
      yield* values.keys()
      if (backing === null) return
      for (const [bytes] of iterate(backing.scan())) {
        const key = decodeKey(bytes) as K
        if (!values.has(key) && !dirty.has(key)) yield key
      }
    },
    freeze() {
      frozen = dirty
      freezing = frozen.values()
      dirty = new Set()
    },
    writeFrozen() {
      const { value: key, done } = freezing.next()
      if (!done) touch(key)
    },
    writeClean() {
      round ??= backing === null ? values.keys() : backing.scan()
      const { value: at, done } = round.next()
      if (done) round = null
      else if (backing === null) stepInMemory(at as K)
      else stepOnDisk(at as readonly [Buffer, Buffer, Buffer | null])
      return !done
    },
    restartRound() {
      round = null
    },
    load(bytes, _, encoded, from) {
      const key = decodeKey(bytes) as K
      const value = encoded === undefined ? undefined : decodeState(spec, encoded, from)
      if (backing !== null) backing.save(bytes, noSub, value === undefined ? undefined : serde.encode(value))
      else if (value === undefined) values.delete(key)
      else values.set(key, value)
    },
    evict() {
      if (backing === null || values.size <= cached) return
      for (const key of values.keys()) {
        if (!dirty.has(key) && !frozen.has(key)) values.delete(key)
        if (values.size <= cached * 0.9) return
      }
    },
  }
}

function* iterate<A>(iterator: Iterator<A>): Generator<A> {
  for (let next = iterator.next(); !next.done; next = iterator.next()) yield next.value
}
