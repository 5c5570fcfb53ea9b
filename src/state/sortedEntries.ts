/**
 * Sorts entries by key, however many: a B-tree that is filled in the order of its keys is written
 * once, while entries in random order write most of its pages again and again.
 *
 *   add    parts by the first bits of the hash; what exceeds memory goes to a file, in pieces
 *   read   part after part, each sorted in memory; of entries with one key the last one counts
 *
 * An entry in a part:
 *
 *   4 bytes  length of the key         4 bytes  length of the value plus 1; 0: removed
 *   2 bytes  table                     key      4 bytes of hash, and the rest
 *   value
 */
import { Buffer } from 'node:buffer'

/** An entry of a table. The views stay valid. */
export interface SortedEntry {
  readonly table: number
  readonly key: Buffer
  readonly value: Buffer
}

/** Where the bytes of an entry belong: its key and, behind it, its value. */
export interface Room {
  bytes: Buffer
  at: number
}

export interface SortedEntries {
  /**
   * Makes room for an entry; the caller fills it before the next call.
   *
   * @param key length of the key, which begins with the hash, big endian
   * @param value length of the value; -1: the entry was removed
   */
  add(table: number, hash: number, key: number, value: number): Room
  /**
   * Ends the adding. Returns each key with its last value, by hash, table and key; removed ones are
   * left out.
   */
  read(): Iterable<SortedEntry>
}

/** File for what exceeds memory. */
export interface Overflow {
  /** Returns the position. */
  write(bytes: Buffer): number
  read(at: number, bytes: number): Buffer
}

interface Part {
  bytes: Buffer
  end: number
  /** Pieces in the file: position and length, in turn. */
  readonly written: number[]
}

const head = 10
/** Bits of the hash that select the part. */
const partBits = 10
/** Bytes of a part that stay in memory, so 32 MB of all parts. */
const partBytes = 32 * 1024
const firstBytes = 512
/** Numbers of the entries of a part; with the other 22 bits of a hash they fill a double. */
const numbers = 2 ** 31

export function sortedEntries(overflow: Overflow): SortedEntries {
  const parts: (Part | undefined)[] = new Array(1 << partBits).fill(undefined)
  const room: Room = { bytes: Buffer.alloc(0), at: 0 }

  function reserve(part: Part, bytes: number): void {
    if (part.end + bytes > partBytes && part.end > 0) {
      part.written.push(overflow.write(part.bytes.subarray(0, part.end)), part.end)
      part.end = 0
    }
    if (part.end + bytes <= part.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * part.bytes.length, part.end + bytes))
    part.bytes.copy(larger, 0, 0, part.end)
    part.bytes = larger
  }

  function whole({ bytes, end, written }: Part): Buffer {
    const pieces: Buffer[] = []
    for (let i = 0; i < written.length; i += 2) {
      pieces.push(overflow.read(written[i] as number, written[i + 1] as number))
    }
    return pieces.length === 0 ? bytes.subarray(0, end) : Buffer.concat([...pieces, bytes.subarray(0, end)])
  }

  return {
    add(table, hash, key, value) {
      const number = hash >>> (32 - partBits)
      const part = parts[number] ?? { bytes: Buffer.allocUnsafeSlow(firstBytes), end: 0, written: [] }
      parts[number] = part
      reserve(part, head + key + Math.max(value, 0))
      const { bytes, end } = part
      bytes.writeUInt32LE(key, end)
      bytes.writeUInt32LE(value + 1, end + 4)
      bytes.writeUInt16LE(table, end + 8)
      part.end = end + head + key + Math.max(value, 0)
      room.bytes = bytes
      room.at = end + head
      return room
    },
    *read() {
      for (const [number, part] of parts.entries()) {
        parts[number] = undefined
        if (part !== undefined) yield* sorted(whole(part))
      }
    },
  }
}

function* sorted(bytes: Buffer): Generator<SortedEntry> {
  const places: number[] = []
  for (let at = 0; at < bytes.length; at += sizeAt(bytes, at)) places.push(at)
  const order = new Float64Array(places.length)
  for (let i = 0; i < places.length; i++) {
    order[i] = (hashAt(bytes, places[i] as number) % 2 ** (32 - partBits)) * numbers + i
  }
  order.sort()
  for (let from = 0; from < order.length; ) {
    const first = placeOf(order, places, from)
    const hash = hashAt(bytes, first)
    let to = from + 1
    while (to < order.length && hashAt(bytes, placeOf(order, places, to)) === hash) to += 1
    if (to === from + 1 && isPresent(bytes, first)) yield entryAt(bytes, first)
    else if (to > from + 1) yield* lastOfEach(bytes, order, places, from, to)
    from = to
  }
}

/** Of entries with one hash, the last one of each key. */
function lastOfEach(
  bytes: Buffer,
  order: Float64Array,
  places: readonly number[],
  from: number,
  to: number,
): readonly SortedEntry[] {
  const last = new Map<string, number>()
  for (let i = from; i < to; i++) {
    const at = placeOf(order, places, i)
    last.set(bytes.toString('latin1', at + 8, at + head + bytes.readUInt32LE(at)), at)
  }
  const found = [...last.values()].filter((at) => isPresent(bytes, at)).map((at) => entryAt(bytes, at))
  return found.sort((one, other) => one.table - other.table || one.key.compare(other.key))
}

const placeOf = (order: Float64Array, places: readonly number[], i: number): number =>
  places[(order[i] as number) % numbers] as number

const hashAt = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + head)

const isPresent = (bytes: Buffer, at: number): boolean => bytes.readUInt32LE(at + 4) > 0

function sizeAt(bytes: Buffer, at: number): number {
  return head + bytes.readUInt32LE(at) + Math.max(bytes.readUInt32LE(at + 4) - 1, 0)
}

function entryAt(bytes: Buffer, at: number): SortedEntry {
  const end = at + head + bytes.readUInt32LE(at)
  return {
    table: bytes.readUInt16LE(at + 8),
    key: bytes.subarray(at + head, end),
    value: bytes.subarray(end, end + bytes.readUInt32LE(at + 4) - 1),
  }
}
