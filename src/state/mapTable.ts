/** A map for each key: its entries are read, changed and written into snapshots one by one, the map of a key is in memory as a whole. */
import type { Key } from '../element.ts'
import { entryWriter } from './entries.ts'
import { decodeKey, encodeKey } from './keys.ts'
import { decodeState, type OwnedSpec } from './stateSerde.ts'
import type { Backing, SnapshotTable } from './table.ts'

export interface MapTable<K extends Key, S extends Key, V> {
  readonly size: number
  get(key: K, sub: S): V | undefined
  has(key: K, sub: S): boolean
  set(key: K, sub: S, value: V): void
  delete(key: K, sub: S): void
  /** Removes the map of this key. */
  clear(key: K): void
  /** How many entries the map of this key has. */
  count(key: K): number
  /** The keys within the map of this key, as they are now; in no particular order after a restore. */
  subs(key: K): readonly S[]
  /** Every key that has a map, once, in no particular order. */
  keys(): Iterable<K>
}

interface Table<K extends Key, S extends Key, V> extends MapTable<K, S, V>, SnapshotTable {}

/** @param cached how many maps stay in memory where there is a backing */
export function mapTable<K extends Key, S extends Key, V>(
  name: string,
  spec: OwnedSpec<V>,
  backing: Backing | null = null,
  cached = 0,
): Table<K, S, V> {
  const { serde, version = 1, expired } = spec
  const rows = new Map<K, Map<S, V>>()
  const out = entryWriter()
  let dirty = new Map<K, Set<S>>()
  let frozen = new Map<K, Set<S>>()
  let round: Iterator<unknown> | null = null
  let size = 0
  let frozenEntries = 0
  let freezing: Iterator<void> = [].values()

  function write(key: K, sub: S): void {
    const bytes = encodeKey(key)
    const subBytes = encodeKey(sub)
    const value = rows.get(key)?.get(sub)
    const encoded = value === undefined ? undefined : serde.encode(value)
    out.write(bytes, subBytes, encoded)
    backing?.save(bytes, subBytes, encoded)
  }

  function touch(key: K, sub: S): void {
    const subs = frozen.get(key)
    if (!subs?.delete(sub)) return
    frozenEntries -= 1
    write(key, sub)
    if (subs.size === 0) frozen.delete(key)
  }

  /** The map of this key, from wherever it is. A row that is empty stays until it is clean, since what has gone must be known. */
  function find(key: K): Map<S, V> | undefined {
    const row = rows.get(key)
    if (row !== undefined || backing === null) return row
    const loaded = new Map<S, V>()
    backing.load(encodeKey(key), (sub, value) => {
      loaded.set(decodeKey(sub) as S, decodeState(spec, value as Buffer | null, version))
    })
    if (loaded.size === 0) return undefined
    rows.set(key, loaded)
    return loaded
  }

  function mark(key: K, sub: S): void {
    const subs = dirty.get(key)
    if (subs === undefined) dirty.set(key, new Set([sub]))
    else subs.add(sub)
  }

  function remove(key: K, row: Map<S, V>, sub: S): void {
    if (frozenEntries > 0) touch(key, sub)
    if (!row.delete(sub)) return
    size -= 1
    mark(key, sub)
    if (row.size === 0 && backing === null) rows.delete(key)
  }

  function* writeAll(): Generator<void> {
    for (const [key, subs] of frozen) for (const sub of subs) yield touch(key, sub)
  }

  function* inMemory(): Generator<void> {
    for (const [key, row] of rows) {
      for (const sub of row.keys()) {
        const value = rows.get(key)?.get(sub)
        if (value === undefined || dirty.get(key)?.has(sub)) yield
        else if (expired?.(value)) yield forget(key, row, sub)
        else yield out.write(encodeKey(key), encodeKey(sub), serde.encode(value))
      }
    }
  }

  function* onDisk(from: Backing): Generator<void> {
    const entries = from.scan()
    for (let next = entries.next(); !next.done; next = entries.next()) {
      const [bytes, subBytes, encoded] = next.value
      const key = decodeKey(bytes) as K
      const sub = decodeKey(subBytes) as S
      if (dirty.get(key)?.has(sub)) yield
      else if (!expired?.(decodeState(spec, encoded, version))) yield out.write(bytes, subBytes, encoded)
      else {
        from.save(bytes, subBytes, undefined)
        yield forget(key, rows.get(key), sub)
      }
    }
  }

  /** Without a trace: what is older than this round is not read again after it. */
  function forget(key: K, row: Map<S, V> | undefined, sub: S): void {
    row?.delete(sub)
    size -= 1
    if (row?.size === 0) rows.delete(key)
  }

  return {
    ...{ name, version, out },
    get size() {
      return size
    },
    get frozen() {
      return frozenEntries
    },
    get(key, sub) {
      if (frozenEntries > 0) touch(key, sub)
      return find(key)?.get(sub)
    },
    has: (key, sub) => find(key)?.has(sub) ?? false,
    set(key, sub, value) {
      if (frozenEntries > 0) touch(key, sub)
      let row = find(key)
      if (row === undefined) {
        row = new Map()
        rows.set(key, row)
      }
      const before = row.size
      row.set(sub, value)
      size += row.size - before
      mark(key, sub)
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
    *keys() {
      for (const [key, row] of rows) if (row.size > 0) yield key
      if (backing === null) return
      const seen = new Set<K>()
      const entries = backing.scan()
      for (let next = entries.next(); !next.done; next = entries.next()) {
        const key = decodeKey(next.value[0]) as K
        if (rows.has(key) || seen.has(key)) continue
        seen.add(key)
        yield key
      }
    },
    freeze() {
      frozen = dirty
      dirty = new Map()
      for (const subs of frozen.values()) frozenEntries += subs.size
      freezing = writeAll()
    },
    writeFrozen: () => void freezing.next(),
    writeClean() {
      round ??= backing === null ? inMemory() : onDisk(backing)
      const { done } = round.next()
      if (done) round = null
      return !done
    },
    restartRound() {
      round = null
    },
    load(bytes, subBytes, encoded, from) {
      const key = decodeKey(bytes) as K
      const sub = decodeKey(subBytes) as S
      const value = encoded === undefined ? undefined : decodeState(spec, encoded, from)
      if (backing !== null) {
        backing.save(bytes, subBytes, value === undefined ? undefined : serde.encode(value))
        size = backing.size
        return
      }
      const row = rows.get(key) ?? new Map<S, V>()
      const before = row.size
      if (value === undefined) row.delete(sub)
      else row.set(sub, value)
      size += row.size - before
      if (row.size === 0) rows.delete(key)
      else rows.set(key, row)
    },
    evict() {
      if (backing === null || rows.size <= cached) return
      for (const key of rows.keys()) {
        if (!dirty.has(key) && !frozen.has(key)) rows.delete(key)
        if (rows.size <= cached * 0.9) return
      }
    },
  }
}
