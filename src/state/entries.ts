/**
 * Entries of a table as bytes, the content of snapshots.
 *
 *   length key  length sub  0              removed
 *   length key  length sub  1              null
 *   length key  length sub  length+2 value
 *
 * `sub` is the key within a map; empty for a value. Lengths are varints (LEB128).
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../record.ts'
import { writeUtf8 } from '../serde/utf8.ts'
import { keyRoom, putKey } from './keys.ts'
import { putVarint, varintSize } from './unsignedVarint.ts'

/** A value encoded by its serde; undefined if it was removed. */
export type EncodedValue = Uint8Array | null | undefined

export interface EntryWriter {
  write(key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
  /**
   * Writes an entry whose keys are not encoded yet.
   *
   * @param value a string stands for its UTF-8, and must be well-formed
   */
  put(key: Key, sub: Key, value: EncodedValue | string): void
  /**
   * Writes an entry without a sub; the key's length and bytes are in `bytes`, ready to be copied.
   */
  putRun(bytes: Buffer, from: number, to: number, value: EncodedValue | string): void
  /** Bytes since the last `take`. */
  readonly size: number
  /** Average size of recent entries, bytes. */
  readonly mean: number
  /** Returns the bytes so far; the writer starts anew. */
  take(): Buffer
}

const firstSize = 4096
/** `mean` before the first entry. */
const firstMean = 64
/** Number of recent entries that `mean` reflects. */
const remembered = 4096

/** @param first size of the first buffer, bytes */
export function entryWriter(first = firstSize): EntryWriter {
  let buffer = Buffer.allocUnsafeSlow(first)
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
    end = putVarint(buffer, end, value)
  }
  const append = (bytes: Uint8Array): void => {
    buffer.set(bytes, end)
    end += bytes.length
  }
  const appendValue = (value: EncodedValue | string): void => {
    if (typeof value === 'string') return appendText(value)
    varint(value == null ? (value === null ? 1 : 0) : value.length + 2)
    if (value != null) append(value)
  }
  /**
   * Assumes one byte per character for the length, which is usually right; corrects it afterwards.
   */
  const appendText = (text: string): void => {
    const start = end
    const left = varintSize(text.length + 2)
    const to = writeUtf8(buffer, start + left, text)
    const length = to - start - left
    const needed = varintSize(length + 2)
    if (needed !== left) buffer.copyWithin(start + needed, start + left, to)
    end = putVarint(buffer, start, length + 2) + length
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
      appendValue(value)
      count(end - before)
    },
    put(key, sub, value) {
      const before = end
      reserve(24 + keyRoom(key) + keyRoom(sub) + roomOf(value))
      end = putKey(buffer, end, key)
      end = putKey(buffer, end, sub)
      appendValue(value)
      count(end - before)
    },
    putRun(bytes, from, to, value) {
      const before = end
      reserve(24 + to - from + roomOf(value))
      for (let at = from; at < to; at++) buffer[end++] = bytes[at] as number
      buffer[end++] = 0
      appendValue(value)
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
      buffer = Buffer.allocUnsafeSlow(first)
      end = 0
      return taken
    },
  }
}

function roomOf(value: EncodedValue | string): number {
  if (value == null) return 0
  return typeof value === 'string' ? 3 * value.length : value.length
}

/** An entry as `entryWriter` writes it. */
export function encodedEntry(key: Uint8Array, sub: Uint8Array, value: EncodedValue): Buffer {
  const writer = entryWriter(32 + key.length + sub.length + (value?.length ?? 0))
  writer.write(key, sub, value)
  return writer.take()
}

/** Places of one entry. `key` has its length in front; a removed value ends at -1, null at -2. */
export type EntryPlaces = (
  key: number,
  keyEnd: number,
  sub: number,
  subEnd: number,
  value: number,
  valueEnd: number,
) => void

export const removedValue = -1
export const nullValue = -2

/** Reads entries of `entryWriter`. Throws RangeError if the bytes end within an entry. */
export function readEntries(
  bytes: Buffer,
  each: (key: Buffer, sub: Buffer, value: Buffer | null | undefined) => void,
): void {
  walkEntries(bytes, (key, keyEnd, sub, subEnd, value, valueEnd) => {
    const found = valueEnd >= 0 ? bytes.subarray(value, valueEnd) : valueEnd === nullValue ? null : undefined
    each(bytes.subarray(runStart(bytes, key), keyEnd), bytes.subarray(sub, subEnd), found)
  })
}

/** Start of what has its length in front. */
export function runStart(bytes: Buffer, at: number): number {
  let start = at
  while ((bytes[start] as number) >= 0x80) start += 1
  return start + 1
}

/** Like `readEntries`, without a view of each part: a view costs more than a small value. */
export function walkEntries(bytes: Buffer, each: EntryPlaces): void {
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
  const skip = (length: number): number => {
    if (at + length > bytes.length) throw cutOff()
    at += length
    return at
  }
  while (at < bytes.length) {
    const key = at
    const keyEnd = skip(varint())
    const subLength = varint()
    const sub = at
    const subEnd = skip(subLength)
    const size = varint()
    const value = at
    const valueEnd = size === 0 ? removedValue : size === 1 ? nullValue : skip(size - 2)
    each(key, keyEnd, sub, subEnd, value, valueEnd)
  }
}

function cutOff(): RangeError {
  return new RangeError('the entries end in the middle of an entry')
}
