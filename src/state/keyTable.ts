/**
 * A table of rows by key that needs few memory accesses: with a million keys nearly every access
 * misses the caches, which is the cost of a record. A Map of objects takes six (bucket, chain, key,
 * text, object); this table takes three:
 *
 *     key -> bytes, hash -> segment -> places   hash and position of the bytes: one cache line
 *                                      bytes    keys with their lengths, as in snapshots
 *                                      values, stamps   in the slot that was found
 *
 * A segment holds the keys whose hashes begin alike. A full one is split in two, so nobody waits
 * until a million rows have been moved, as when a large Map grows. Segments have the order of the
 * hashes, which is that of entries in LMDB, too.
 *
 * Runs for every record: plain functions on plain objects, see bench/wordCount.ts.
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../record.ts'
import { hashOf } from './keyHash.ts'
import { decodeKey, keyRoom, putKey } from './keys.ts'
import { putVarint } from './unsignedVarint.ts'

export interface Segment<V> {
  /**
   * For each slot the hash of its key, and where the key is in `bytes`, from 1; 0: free, -1:
   * removed.
   */
  places: Int32Array
  stamps: Int32Array
  values: (V | undefined)[]
  bytes: Buffer
  end: number
  /** Slots that are not free. */
  used: number
  /** Those of them that are not removed. */
  rows: number
  /** How many bits all its hashes begin with. */
  depth: number
  /** Rises when rows move. */
  moves: number
  /** The stamps of the last two times in which something of it has changed. */
  changed: number
  changedBefore: number
}

export interface KeyTable<V> {
  /** By the first bits of the hash. */
  segments: Segment<V>[]
  /** How many bits. */
  depth: number
  rows: number
  /** What was found, or inserted, last. */
  segment: Segment<V>
  slot: number
  /** The key that was looked for last: its length and its bytes, and the hash of them. */
  sought: Buffer
  soughtEnd: number
  hash: number
}

/** Number of rows above which a full segment is split. */
const manyRows = 4_096
const fewestSlots = 16
/** Number of hash bits that select a segment; keys that agree in all of them stay together. */
const deepest = 16

export function keyTable<V>(): KeyTable<V> {
  const segment = emptySegment<V>(fewestSlots, 0)
  const sought = Buffer.allocUnsafeSlow(64)
  return { segments: [segment, segment], depth: 1, rows: 0, segment, slot: -1, sought, soughtEnd: 0, hash: 0 }
}

function emptySegment<V>(slots: number, depth: number): Segment<V> {
  return {
    places: new Int32Array(2 * slots),
    stamps: new Int32Array(slots),
    values: new Array<V | undefined>(slots).fill(undefined),
    bytes: Buffer.allocUnsafeSlow(slots * 8),
    ...{ end: 0, used: 0, rows: 0, depth, moves: 0, changed: 0, changedBefore: 0 },
  }
}

/** Finds the row of a key and sets `segment` and `slot`; false if there is none. */
export function findRow<V>(table: KeyTable<V>, key: Key): boolean {
  makeSought(table, keyRoom(key))
  table.soughtEnd = putKey(table.sought, 0, key)
  return findSought(table)
}

/** As `findRow`, by the bytes of the key. */
export function findRowOf<V>(table: KeyTable<V>, key: Buffer): boolean {
  makeSought(table, key.length + 5)
  const at = putVarint(table.sought, 0, key.length)
  table.soughtEnd = at + key.length
  for (let i = 0; i < key.length; i++) table.sought[at + i] = key[i] as number
  return findSought(table)
}

function makeSought<V>(table: KeyTable<V>, bytes: number): void {
  if (bytes > table.sought.length) table.sought = Buffer.allocUnsafeSlow(2 * bytes)
}

function findSought<V>(table: KeyTable<V>): boolean {
  const { sought, soughtEnd: end } = table
  const hash = hashOf(sought, runStart(sought, 0), end)
  const segment = table.segments[hash >>> (32 - table.depth)] as Segment<V>
  table.hash = hash
  table.segment = segment
  const { places, bytes } = segment
  const last = places.length - 2
  for (let place = (hash << 1) & last; ; place = (place + 2) & last) {
    const at = places[place + 1] as number
    if (at === 0) break
    if (places[place] === hash && at > 0 && isAt(bytes, at - 1, sought, end)) {
      table.slot = place >> 1
      return true
    }
  }
  table.slot = -1
  return false
}

function isAt(bytes: Buffer, at: number, sought: Buffer, end: number): boolean {
  for (let i = 0; i < end; i++) if (bytes[at + i] !== sought[i]) return false
  return true
}

/** Inserts a row for the key that was not found just now. */
export function insertRow<V>(table: KeyTable<V>, value: V | undefined, stamp: number): void {
  const { hash, sought, soughtEnd } = table
  let segment = table.segment
  while (4 * (segment.used + 1) > 3 * segment.stamps.length) {
    makeRoom(table, segment)
    segment = table.segments[hash >>> (32 - table.depth)] as Segment<V>
  }
  table.segment = segment
  table.slot = append(segment, hash, sought, 0, soughtEnd, value, stamp)
  table.rows += 1
}

/** Appends a row; there must be a free slot. */
function append<V>(
  segment: Segment<V>,
  hash: number,
  from: Buffer,
  start: number,
  end: number,
  value: V | undefined,
  stamp: number,
): number {
  const { places } = segment
  const last = places.length - 2
  let place = (hash << 1) & last
  while (places[place + 1] !== 0) place = (place + 2) & last
  const at = segment.end
  if (at + end - start > segment.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * segment.bytes.length, at + end - start))
    segment.bytes.copy(larger, 0, 0, at)
    segment.bytes = larger
  }
  const { bytes } = segment
  for (let i = start; i < end; i++) bytes[at + i - start] = from[i] as number
  segment.end = at + end - start
  places[place] = hash
  places[place + 1] = at + 1
  const slot = place >> 1
  segment.stamps[slot] = stamp
  segment.values[slot] = value
  segment.used += 1
  segment.rows += 1
  return slot
}

export function removeRow<V>(table: KeyTable<V>, segment: Segment<V>, slot: number): void {
  segment.places[2 * slot + 1] = -1
  segment.values[slot] = undefined
  segment.stamps[slot] = 0
  segment.rows -= 1
  table.rows -= 1
}

/** Moves the rows of the segment into a larger one, or, if there are many, into two. */
function makeRoom<V>(table: KeyTable<V>, segment: Segment<V>): void {
  const { places, stamps, values, bytes, rows, depth } = segment
  const split = rows > manyRows && depth < deepest
  const slots = split ? stamps.length : slotsFor(rows)
  const lower = emptySegment<V>(slots, split ? depth + 1 : depth)
  const upper = split ? emptySegment<V>(slots, depth + 1) : lower
  for (let slot = 0; slot < stamps.length; slot++) {
    const at = (places[2 * slot + 1] as number) - 1
    if (at < 0) continue
    const hash = places[2 * slot] as number
    const into = split && ((hash >>> (31 - depth)) & 1) === 1 ? upper : lower
    append(into, hash, bytes, at, runEnd(bytes, at), values[slot], stamps[slot] as number)
  }
  if (split) place(table, segment, lower, upper)
  else Object.assign(segment, lower, { moves: segment.moves + 1, ...changesOf(segment) })
}

const changesOf = <V>({ changed, changedBefore }: Segment<V>) => ({ changed, changedBefore })

/** Replaces one segment by two. */
function place<V>(table: KeyTable<V>, old: Segment<V>, lower: Segment<V>, upper: Segment<V>): void {
  if (old.depth === table.depth) {
    table.segments = table.segments.flatMap((segment) => [segment, segment])
    table.depth += 1
  }
  const first = table.segments.indexOf(old)
  const each = 1 << (table.depth - old.depth - 1)
  for (let i = 0; i < 2 * each; i++) table.segments[first + i] = i < each ? lower : upper
  Object.assign(lower, changesOf(old))
  Object.assign(upper, changesOf(old))
  old.moves += 1
}

function slotsFor(rows: number): number {
  let slots = fewestSlots
  while (slots < 2 * (rows + 1)) slots *= 2
  return slots
}

/** Position behind a length and as many bytes. */
export function runEnd(bytes: Buffer, start: number): number {
  const at = runStart(bytes, start)
  let length = 0
  for (let i = at - 1; i >= start; i--) length = length * 0x80 + ((bytes[i] as number) & 0x7f)
  return at + length
}

/** Position of a key, behind its length. */
function runStart(bytes: Buffer, start: number): number {
  let at = start
  while ((bytes[at] as number) >= 0x80) at += 1
  return at + 1
}

/** Position of a row's key, with its length in front. */
export function placeOf<V>({ places }: Segment<V>, slot: number): number {
  return (places[2 * slot + 1] as number) - 1
}

/** Bytes of a row's key, without the length: a view that is valid until rows move. */
export function keyBytes<V>(segment: Segment<V>, slot: number): Buffer {
  const start = placeOf(segment, slot)
  return segment.bytes.subarray(runStart(segment.bytes, start), runEnd(segment.bytes, start))
}

export function keyOf<V>(segment: Segment<V>, slot: number): Key {
  return decodeKey(keyBytes(segment, slot))
}
