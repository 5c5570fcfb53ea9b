/**
 * One value per key. The stamp of a row tells when it changed. Odd: in the period before the freeze
 * with this number; even: written then or later for the same snapshot; 0: in no snapshot of this
 * run. So there are no sets of changed or frozen rows, and a record costs one lookup in the table
 * (keyTable.ts), as does a written entry.
 */
import { Buffer } from 'node:buffer'
import { FatalError } from '../errors.ts'
import type { Key } from '../record.ts'
import { type EncodedValue, entryWriter, removedValue, runStart } from './entries.ts'
import { decodeKey, encodeKey } from './keys.ts'
import {
  findRow,
  findRowOf,
  findRun,
  insertRow,
  keyBytes,
  keyOf,
  keyTable,
  placeOf,
  removeRow,
  runEnd,
  type Segment,
} from './keyTable.ts'
import { next, walk } from './keyWalk.ts'
import { type OwnedSpec, stateCodec } from './stateSerde.ts'
import { sweeps } from './sweeps.ts'
import { type Backing, type Contents, restoreEncoded, type SnapshotTable } from './table.ts'

export interface ValueTable<K extends Key, V> {
  readonly size: number
  /** Undefined if there is none. The value may be changed in place if it is `set` afterwards. */
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  /** Every key once, in no particular order. */
  keys(): Iterable<K>
}

const noSub = Buffer.alloc(0)
/** Rows to check for eviction, for each row that comes into memory and at the end of each block. */
const [looksForEach, looksForBlock] = [2, 4_096]
const all = (): boolean => true

/**
 * @param cached number of values kept in memory, if there is a backing
 * @param kept contents of a table that has only been loaded; it must not be used any more
 */
export function valueTable<K extends Key, V>(
  name: string,
  spec: OwnedSpec<V>,
  backing: Backing | null = null,
  cached = 0,
  kept?: Contents,
): ValueTable<K, V> & SnapshotTable {
  const { version = 1, expired } = spec
  const codec = stateCodec(spec, name)
  const table = (kept as ReturnType<typeof keyTable<V>> | undefined) ?? keyTable<V>()
  const out = entryWriter()
  let evicting = walk(table)
  let freezing = walk(table)
  /** Stamp of current changes. Frozen, unwritten rows have the odd stamp before it. */
  let now = 3
  let changed = 0
  let frozen = 0
  /** True while some frozen rows have not been offered to the backing. */
  let passing = false
  /** Number of values; null: as many as in the backing. */
  let size: number | null = table.rows
  /** Last key found by `find`, while its row is unmoved: `set` usually follows `get`. */
  let last: K | undefined

  /** Writes a frozen value before a change; if changed, it goes to the backing again next time. */
  function touch(segment: Segment<V>, slot: number): void {
    if (segment.stamps[slot] === now - 2) writeNow(segment, slot)
  }

  function writeNow(segment: Segment<V>, slot: number): EncodedValue | string {
    frozen -= 1
    return write(segment, slot)
  }

  function write(segment: Segment<V>, slot: number): EncodedValue | string {
    const encoded = encodedValue(segment, slot)
    const start = placeOf(segment, slot)
    out.putRun(segment.bytes, start, runEnd(segment.bytes, start), encoded)
    segment.stamps[slot] = now - 1
    return encoded
  }

  function encodedValue({ values }: Segment<V>, slot: number): EncodedValue | string {
    const value = values[slot]
    if (value === undefined) return undefined
    return backing === null ? codec.inPlace(value) : codec.encode(value)
  }

  function mark(segment: Segment<V>, slot: number): void {
    if (segment.stamps[slot] === now) return
    segment.stamps[slot] = now
    changed += 1
    if (segment.changed === now) return
    segment.changedBefore = segment.changed
    segment.changed = now
  }

  /**
   * Finds a row, sets table.segment and table.slot, and writes the row first if it is frozen. A row
   * without a value was removed.
   */
  function find(key: K): boolean {
    if (last !== key) {
      last = undefined
      if (!findRow(table, key) && !loaded(key)) return false
      last = key
    }
    touch(table.segment, table.slot)
    return true
  }

  function loaded(key: K): boolean {
    if (backing === null) return false
    const bytes = backing.get(encodeKey(key))
    if (bytes === undefined) return false
    const value = codec.decode(bytes, version)
    insert(key, value)
    return true
  }

  /** Adds a row for a key without one. */
  function insert(key: K, value: V | undefined): void {
    if (backing !== null) evict(looksForEach)
    insertRow(table, value, 0)
    last = key
  }

  function remove(segment: Segment<V>, slot: number): void {
    last = undefined
    removeRow(table, segment, slot)
  }

  /**
   * Evicts unchanged rows that the backing has (rows of this snapshot may not be there yet), if too
   * many are in memory. Looks at a few and continues there: a million at once would take too long.
   */
  function evict(looks: number): void {
    for (let left = looks; left > 0 && table.rows > cached; left--) {
      if (!next(table, evicting, all)) evicting = walk(table)
      else if ((evicting.segment.stamps[evicting.slot] as number) < now - 2) remove(evicting.segment, evicting.slot)
    }
  }

  const counted = (): number => (size ??= backing?.size ?? 0)

  /** Leaves no trace: nothing older than this sweep is read after it. */
  function forget(segment: Segment<V>, slot: number): void {
    size = counted() - 1
    backing?.save(keyBytes(segment, slot), noSub, undefined)
    segment.values[slot] = undefined
    gone(segment, slot)
  }

  /** With a backing, the row stays until evicted: the backing may still have the old value. */
  function gone(segment: Segment<V>, slot: number): void {
    if (backing === null) remove(segment, slot)
    else segment.stamps[slot] = now - 1
  }

  /** Changed rows are written with the next freeze; rows written since the sweep began are done. */
  function visit(segment: Segment<V>, slot: number, begun: number): void {
    if ((segment.stamps[slot] as number) >= begun) return
    const value = segment.values[slot]
    if (value === undefined) gone(segment, slot)
    else if (expired?.(value)) forget(segment, slot)
    else write(segment, slot)
  }

  function* inMemory(): Generator<void> {
    const begun = now - 1
    for (const at = walk(table); next(table, at, all); ) {
      visit(at.segment, at.slot, begun)
      yield
    }
  }

  function* onDisk(from: Backing): Generator<void> {
    const begun = now - 1
    for (const [bytes, , encoded] of from.scan()) {
      last = undefined
      if (findRowOf(table, bytes)) visit(table.segment, table.slot, begun)
      else if (expired?.(codec.decode(encoded, version))) {
        insertRow(table, undefined, now - 1)
        forget(table.segment, table.slot)
      } else out.write(bytes, noSub, encoded)
      yield
    }
  }

  /** Keys in memory first: they may be evicted by the time that the others are read. */
  function* keys(): Generator<K> {
    const present: K[] = []
    const known = new Set<K>()
    for (const at = walk(table); next(table, at, all); ) {
      const key = keyOf(at.segment, at.slot) as K
      if (at.segment.values[at.slot] !== undefined) present.push(key)
      if (backing !== null) known.add(key)
    }
    yield* present
    for (const [bytes] of backing?.scan() ?? []) {
      const key = decodeKey(bytes) as K
      if (!known.has(key)) yield key
    }
  }

  /** Marks everything as changed, except expired values. */
  function markEverything(): void {
    for (const key of keys()) {
      if (!find(key)) continue
      const { segment, slot } = table
      if (!expired?.(segment.values[slot] as V)) mark(segment, slot)
      else {
        if (segment.stamps[slot] === now) changed -= 1
        forget(segment, slot)
      }
    }
  }

  /** False if certainly nothing in the segment is frozen. */
  const isFrozen = (segment: Segment<V>): boolean => segment.changed === now - 2 || segment.changedBefore === now - 2

  function put(known: boolean, value: V | undefined): void {
    last = undefined
    if (value !== undefined && !known) insertRow(table, value, 0)
    else if (value !== undefined) table.segment.values[table.slot] = value
    else if (known) remove(table.segment, table.slot)
    size = table.rows
  }

  return {
    ...{ name, version, out, keys, pace: 0.5, contents: () => table },
    ...sweeps(() => (backing === null ? inMemory() : onDisk(backing))),
    get size() {
      return counted()
    },
    get changed() {
      return changed
    },
    get frozen() {
      return passing ? Math.max(1, frozen) : frozen
    },
    get: (key) => (find(key) ? table.segment.values[table.slot] : undefined),
    set(key, value) {
      if (!find(key)) insert(key, undefined)
      const { segment, slot } = table
      if (segment.values[slot] === undefined) size = counted() + 1
      segment.values[slot] = value
      mark(segment, slot)
    },
    delete(key) {
      if (!find(key)) return
      const { segment, slot } = table
      if (segment.values[slot] === undefined) return
      size = counted() - 1
      segment.values[slot] = undefined
      mark(segment, slot)
    },
    freeze(whole) {
      if (whole) markEverything()
      frozen = changed
      changed = 0
      passing = backing !== null && frozen > 0
      now += 2
      freezing = walk(table)
    },
    writeFrozen() {
      while (next(table, freezing, isFrozen)) {
        const { segment, slot } = freezing
        const stamp = segment.stamps[slot]
        const early = backing !== null && stamp === now - 1
        if (stamp !== now - 2 && !early) continue
        const encoded = early ? encodedValue(segment, slot) : writeNow(segment, slot)
        backing?.save(keyBytes(segment, slot), noSub, encoded as EncodedValue)
        if (segment.values[slot] === undefined) gone(segment, slot)
        return
      }
      passing = false
      // Otherwise the snapshot would lack them, or never end.
      if (frozen > 0) throw new FatalError('UNEXPECTED', `${frozen} frozen entries of "${name}" are missing`)
    },
    load(bytes, from, run, keyEnd, _sub, _subEnd, at, end) {
      const value = end === removedValue ? undefined : codec.decodeAt(bytes, at, end, from)
      if (backing === null) return put(findRun(table, bytes, run, keyEnd), value)
      size = null
      // Of the same version, the bytes are what would be encoded again.
      if (value === undefined || from === version) backing.restore(bytes, run, keyEnd, 0, 0, at, end)
      else restoreEncoded(backing, bytes.subarray(runStart(bytes, run), keyEnd), noSub, codec.encode(value))
    },
    evict: () => (backing !== null ? evict(looksForBlock) : undefined),
  }
}
