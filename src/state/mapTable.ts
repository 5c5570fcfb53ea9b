/**
 * One map per key: entries are read, changed and written into snapshots one by one, while the map
 * of a key is in memory as a whole.
 */
import type { Key } from '../record.ts'
import { entryWriter, removedValue, runStart } from './entries.ts'
import { evictor } from './evictor.ts'
import { decodeKey, encodeKey } from './keys.ts'
import { pairs } from './pairs.ts'
import { type OwnedSpec, stateCodec } from './stateSerde.ts'
import { sweeps } from './sweeps.ts'
import { type Backing, type Contents, restoreEncoded, type SnapshotTable } from './table.ts'

export interface MapTable<K extends Key, S extends Key, V> {
  readonly size: number
  get(key: K, sub: S): V | undefined
  has(key: K, sub: S): boolean
  set(key: K, sub: S, value: V): void
  delete(key: K, sub: S): void
  /** Removes the map of this key. */
  clear(key: K): void
  /** Number of entries in the key's map. */
  count(key: K): number
  /** Current keys within the key's map; in no particular order after a restore. */
  subs(key: K): readonly S[]
  /** Every key that has a map, once, in no particular order. */
  keys(): Iterable<K>
}

interface Table<K extends Key, S extends Key, V> extends MapTable<K, S, V>, SnapshotTable {}

interface Maps<K, S, V> extends Contents {
  readonly rows: Map<K, Map<S, V>>
  /** Number of entries. */
  readonly size: number
}

/**
 * @param cached number of maps kept in memory, if there is a backing
 * @param kept contents of a table that has only been loaded; it must not be used any more
 */
export function mapTable<K extends Key, S extends Key, V>(
  name: string,
  spec: OwnedSpec<V>,
  backing: Backing | null = null,
  cached = 0,
  kept?: Contents,
): Table<K, S, V> {
  const { version = 1, expired } = spec
  const codec = stateCodec(spec, name)
  const { rows, size: entries } = (kept as Maps<K, S, V> | undefined) ?? { rows: new Map<K, Map<S, V>>(), size: 0 }
  const out = entryWriter()
  let dirty = pairs<K, S>()
  let frozen = pairs<K, S>()
  let freezing: Iterator<readonly [K, S]> = frozen.all()
  /** Number of entries; null: as many as in the backing. */
  let size: number | null = entries
  const counted = (): number => (size ??= backing?.size ?? 0)
  const evict = evictor(
    rows,
    cached,
    (key) => !dirty.hasKey(key) && !frozen.hasKey(key),
    (key) => void rows.delete(key),
  )

  /** Writes a frozen value first, since the caller may change it. */
  function touch(key: K, sub: S): void {
    if (!frozen.delete(key, sub)) return
    const value = rows.get(key)?.get(sub)
    if (backing === null) return out.put(key, sub, value === undefined ? undefined : codec.inPlace(value))
    const bytes = encodeKey(key)
    const subBytes = encodeKey(sub)
    const encoded = value === undefined ? undefined : codec.encode(value)
    out.write(bytes, subBytes, encoded)
    backing.save(bytes, subBytes, encoded)
  }

  /**
   * Map of the key, from memory or backing. With a backing, an empty map stays until clean, since
   * its removals must be known.
   */
  function find(key: K): Map<S, V> | undefined {
    const row = rows.get(key)
    if (row !== undefined || backing === null) return row
    const loaded = new Map<S, V>()
    backing.load(encodeKey(key), (sub, value) => {
      loaded.set(decodeKey(sub) as S, codec.decode(value as Buffer | null, version))
    })
    if (loaded.size === 0) return undefined
    rows.set(key, loaded)
    return loaded
  }

  function remove(key: K, row: Map<S, V>, sub: S): void {
    if (frozen.size > 0) touch(key, sub)
    if (!row.delete(sub)) return
    size = counted() - 1
    dirty.add(key, sub)
    if (row.size === 0 && backing === null) rows.delete(key)
  }

  /** Leaves no trace: nothing older than this sweep is read after it. */
  function forget(key: K, sub: S): void {
    const row = rows.get(key)
    row?.delete(sub)
    size = counted() - 1
    if (row?.size === 0 && !dirty.hasKey(key)) rows.delete(key)
    backing?.save(encodeKey(key), encodeKey(sub), undefined)
  }

  /** Skips entries changed since the barrier: the next freeze includes them. */
  function* inMemory(): Generator<void> {
    for (const [key, row] of rows) {
      for (const [sub, value] of row) {
        if (dirty.has(key, sub)) continue
        if (expired?.(value)) forget(key, sub)
        else out.put(key, sub, codec.inPlace(value))
        yield
      }
    }
  }

  function* onDisk(from: Backing): Generator<void> {
    for (const [bytes, subBytes, encoded] of from.scan()) {
      const key = decodeKey(bytes) as K
      const sub = decodeKey(subBytes) as S
      if (dirty.has(key, sub)) continue
      if (expired?.(codec.decode(encoded, version))) forget(key, sub)
      else out.write(bytes, subBytes, encoded)
      yield
    }
  }

  function* keys(): Generator<K> {
    for (const [key, row] of rows) if (row.size > 0) yield key
    if (backing === null) return
    const seen = new Set<K>()
    for (const [bytes] of backing.scan()) {
      const key = decodeKey(bytes) as K
      if (rows.has(key) || seen.has(key)) continue
      seen.add(key)
      yield key
    }
  }

  /** Marks all remaining entries as changed. */
  function markEverything(): void {
    for (const key of [...keys()]) {
      for (const [sub, value] of [...(find(key) ?? [])]) {
        if (expired?.(value)) {
          dirty.delete(key, sub)
          forget(key, sub)
        } else dirty.add(key, sub)
      }
    }
  }

  return {
    ...{ name, version, out, keys, pace: 1 },
    ...sweeps(() => (backing === null ? inMemory() : onDisk(backing))),
    contents: (): Maps<K, S, V> => ({ rows, size: counted() }),
    get size() {
      return counted()
    },
    get changed() {
      return dirty.size
    },
    get frozen() {
      return frozen.size
    },
    get(key, sub) {
      if (frozen.size > 0) touch(key, sub)
      return find(key)?.get(sub)
    },
    has: (key, sub) => find(key)?.has(sub) ?? false,
    set(key, sub, value) {
      backing?.admit?.(key, sub)
      if (frozen.size > 0) touch(key, sub)
      const row = find(key) ?? new Map<S, V>()
      const before = row.size
      row.set(sub, value)
      if (before === 0) rows.set(key, row)
      size = counted() + row.size - before
      dirty.add(key, sub)
    },
    delete(key, sub) {
      const row = find(key)
      if (row !== undefined) remove(key, row, sub)
    },
    clear(key) {
      const row = find(key)
      if (row !== undefined) for (const sub of [...row.keys()]) remove(key, row, sub)
    },
    count: (key) => find(key)?.size ?? 0,
    subs: (key) => [...(find(key)?.keys() ?? [])],
    freeze(whole) {
      if (whole) markEverything()
      frozen = dirty
      freezing = frozen.all()
      dirty = pairs()
    },
    writeFrozen() {
      const { value, done } = freezing.next()
      if (!done) touch(...value)
    },
    load(bytes, from, run, keyEnd, subStart, subEnd, at, end) {
      const keyBytes = bytes.subarray(runStart(bytes, run), keyEnd)
      const subBytes = bytes.subarray(subStart, subEnd)
      const key = decodeKey(keyBytes) as K
      const sub = decodeKey(subBytes) as S
      const value = end === removedValue ? undefined : codec.decodeAt(bytes, at, end, from)
      if (backing !== null) {
        size = null
        // Of the same version, the bytes are what would be encoded again.
        if (value === undefined || from === version) backing.restore(bytes, run, keyEnd, subStart, subEnd, at, end)
        else restoreEncoded(backing, keyBytes, subBytes, codec.encode(value))
        return
      }
      const row = rows.get(key) ?? new Map<S, V>()
      const before = row.size
      if (value === undefined) row.delete(sub)
      else row.set(sub, value)
      size = counted() + row.size - before
      if (row.size === 0) rows.delete(key)
      else rows.set(key, row)
    },
    evict() {
      if (backing !== null) evict()
    },
  }
}
