/**
 * Entries of a table as bytes: what a snapshot is made of.
 *
 *   length key  length sub  0              gone
 *   length key  length sub  1              null
 *   length key  length sub  length+2 value
 *
 * `sub` is the key within a map; empty for a value. Lengths are varints (LEB128).
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../element.ts'
import { writeUtf8 } from '../serde/utf8.ts'
import { encodeKey, writeTextKey } from './keys.ts'

/** A value as its serde has encoded it; undefined: there is none (any more). */
export type EncodedValue = Uint8Array | null | undefined

export interface EntryWriter {
  write(key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
  /** The same, of what has no bytes yet. @param sub undefined: that of a value. @param value a well-formed text stands for its UTF-8 */
  put(key: Key, sub: Key | undefined, value: EncodedValue | string): void
  /** Bytes since the last `take`. */
  readonly size: number
  /** Bytes of an entry, on average and lately. */
  readonly mean: number
  /** The bytes so far; the writer begins anew. */
  take(): Buffer
}

const firstSize = 4096
/** `mean` before there is any entry. */
const firstMean = 64
/** So many entries are remembered for `mean`. */
const remembered = 4096

export function entryWriter(): EntryWriter {
  let buffer = Buffer.allocUnsafeSlow(firstSize)
  let end = 0
  let entries = 1
  let bytes = firstMean

  const reserve = (bytes: number): void => {
    if (end + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, end + bytes))
    buffer.copy(larger, 0, 0, end)
    buffer = larger
  }
  const varint = (value: number): void => {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) buffer[end++] = (rest % 0x80) | 0x80
    buffer[end++] = rest
  }
  const append = (bytes: Uint8Array): void => {
    buffer.set(bytes, end)
    end += bytes.length
  }

  const appendKey = (key: string | Uint8Array): void => {
    if (typeof key !== 'string') {
      varint(key.length)
      append(key)
      return
    }
    const start = end
    const guess = key.length + 1
    end = writeTextKey(buffer, start + sizeOf(guess), key)
    mend(start, guess, 0)
  }
  const appendText = (text: string): void => {
    const start = end
    end = writeUtf8(buffer, start + sizeOf(text.length + 2), text)
    mend(start, text.length + 2, 2)
  }
  /** Writes the length of what begins at `start` in front of it. @param guess for which there is room. @param more what to add to the length */
  const mend = (start: number, guess: number, more: number): void => {
    const room = sizeOf(guess)
    const length = end - start - room
    const needed = sizeOf(length + more)
    if (needed !== room) buffer.copyWithin(start + needed, start + room, end)
    end = start
    varint(length + more)
    end += length
  }

  const count = (written: number): void => {
    entries += 1
    bytes += written
    if (entries < remembered) return
    entries /= 2
    bytes /= 2
  }

  return {
    write(key, sub, value) {
      const before = end
      reserve(24 + key.length + sub.length + (value?.length ?? 0))
      varint(key.length)
      append(key)
      varint(sub.length)
      append(sub)
      varint(value == null ? (value === null ? 1 : 0) : value.length + 2)
      if (value != null) append(value)
      count(end - before)
    },
    put(key, sub, value) {
      const own = pieceOf(key)
      const inner = sub === undefined ? noBytes : pieceOf(sub)
      const before = end
      reserve(24 + roomOf(own) + roomOf(inner) + (value == null ? 0 : roomOf(value)))
      appendKey(own)
      appendKey(inner)
      if (typeof value === 'string') appendText(value)
      else {
        varint(value == null ? (value === null ? 1 : 0) : value.length + 2)
        if (value != null) append(value)
      }
      count(end - before)
    },
    get size() {
      return end
    },
    get mean() {
      return bytes / entries
    },
    take() {
      const taken = buffer.subarray(0, end)
      buffer = Buffer.allocUnsafeSlow(firstSize)
      end = 0
      return taken
    },
  }
}

/** Bytes that a varint takes, of lengths that there can be. */
function sizeOf(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5
}

const noBytes = Buffer.alloc(0)

const pieceOf = (key: Key): string | Uint8Array => (typeof key === 'string' ? key : encodeKey(key))

const roomOf = (piece: string | Uint8Array): number => (typeof piece === 'string' ? 3 * piece.length : piece.length)

/** Reads what `entryWriter` wrote. Throws RangeError on bytes that end within an entry. */
export function readEntries(
  bytes: Buffer,
  each: (key: Buffer, sub: Buffer, value: Buffer | null | undefined) => void,
): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++]
      if (byte === undefined) throw cutOff()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  const slice = (length: number): Buffer => {
    if (at + length > bytes.length) throw cutOff()
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = slice(varint())
    const sub = slice(varint())
    const size = varint()
    each(key, sub, size === 0 ? undefined : size === 1 ? null : slice(size - 2))
  }
}

function cutOff(): RangeError {
  return new RangeError('the entries end within one of them')
}
