/**
 * Hash table of rows by key with few memory accesses. With a million keys, nearly every access
 * misses the caches, and the misses are the cost of a record. A Map of objects takes six (bucket,
 * chain, key, text, object); this table takes three:
 *
 *   key -> bytes, hash -> segment -> places  hash and position of the key    one cache line
 *                                    bytes   keys in sequence, with lengths, as in snapshots
 *                                    values, stamps                          at the slot found
 *
 * A segment has the keys whose hashes share their first bits. A full segment is split in two: no
 * record waits until a million rows have moved, as when a large Map grows. Segments are in hash
 * order, which is also the order of entries in LMDB.
 *
 * Runs for every record: plain functions on plain objects, see bench/wordCount.ts.
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../record.ts'
import { runStart } from './entries.ts'
import { hashOf } from './keyHash.ts'
import { decodeKey, keyRoom, putKey } from './keys.ts'
import { putVarint } from './unsignedVarint.ts'

export interface Segment<V> {
  /** Per slot: hash of its key, and the key's position in `bytes`, from 1; 0: free, -1: removed. */
  places: Int32Array
  stamps: Int32Array
  values: (V | undefined)[]
  bytes: Buffer
  end: number
  /** Number of slots that are not free. */
  used: number
  /** Number of rows: used slots that are not removed. */
  rows: number
  /** Number of first bits shared by all hashes. */
  depth: number
  /** Incremented when rows move. */
  moves: number
  /** Stamps of the last two periods in which something in the segment changed. */
  changed: number
  changedBefore: number
}

export interface KeyTable<V> {
  /** Segments by the first bits of the hash. */
  segments: Segment<V>[]
  /** Number of those bits. */
  depth: number
  rows: number
  /** Segment of the row found or inserted last. */
  segment: Segment<V>
  slot: number
  /** Key sought last: its length and bytes, and their hash. */
  sought: Buffer
  soughtEnd: number
  hash: number
}

/** A full segment with more rows is split. */
const manyRows = 4_096
const fewestSlots = 16
/** Most bits used for segments; keys whose hashes share more bits stay together. */
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

/** True if the key has a row, which is then at `segment` and `slot`. */
export function findRow<V>(table: KeyTable<V>, key: Key): boolean {
  makeSought(table, keyRoom(key))
  table.soughtEnd = putKey(table.sought, 0, key)
  return findSought(table)
}

/** Like `findRow`, with the key as bytes. */
export function findRowOf<V>(table: KeyTable<V>, key: Buffer): boolean {
  makeSought(table, key.length + 5)
  const at = putVarint(table.sought, 0, key.length)
  table.soughtEnd = at + key.length
  for (let i = 0; i < key.length; i++) table.sought[at + i] = key[i] as number
  return findSought(table)
}

/** Like `findRow`, with the key as bytes that have its length in front. */
export function findRun<V>(table: KeyTable<V>, bytes: Buffer, from: number, to: number): boolean {
  makeSought(table, to - from)
  const { sought } = table
  for (let at = from; at < to; at++) sought[at - from] = bytes[at] as number
  table.soughtEnd = to - from
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

/** Adds a row for the key that was just sought and not found. */
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

/** Needs a free slot. */
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

/** Moves the rows of the segment to a larger one, or to two if they are many. */
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

/** Replaces a segment by two. */
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

/** End of a length and that many bytes. */
export function runEnd(bytes: Buffer, start: number): number {
  const at = runStart(bytes, start)
  let length = 0
  for (let i = at - 1; i >= start; i--) length = length * 0x80 + ((bytes[i] as number) & 0x7f)
  return at + length
}

/** Position of a row's key, with its length in front. */
export function placeOf<V>({ places }: Segment<V>, slot: number): number {
  return (places[2 * slot + 1] as number) - 1
}

/** Key bytes of a row, without length: a view, valid until rows move. */
export function keyBytes<V>(segment: Segment<V>, slot: number): Buffer {
  const start = placeOf(segment, slot)
  return segment.bytes.subarray(runStart(segment.bytes, start), runEnd(segment.bytes, start))
}

export function keyOf<V>(segment: Segment<V>, slot: number): Key {
  return decodeKey(keyBytes(segment, slot))
}
