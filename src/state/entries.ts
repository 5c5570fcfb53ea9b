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

/** A value as its serde has encoded it; undefined: there is none (any more). */
export type EncodedValue = Uint8Array | null | undefined

export interface EntryWriter {
  write(key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
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
