/**
 * Reads one answer, field by field. Bytes are views of the answer, never copies. Throws RangeError
 * past the end.
 */
import type { Buffer } from 'node:buffer'

export interface Reader {
  int8(): number
  int16(): number
  int32(): number
  /**
   * Throws RangeError beyond the safe integers; no offset, timestamp or producer id is ever that
   * large.
   */
  int64(): number
  /** How long the broker will read nothing from this connection (KIP-219), ms. */
  throttleTime(): number
  /** The throttle time once it has been read; 0 before. */
  readonly throttled: number
  boolean(): boolean
  uvarint(): number
  string(): string
  nullableString(): string | null
  /** A view, or null. */
  bytes(): Buffer | null
  /** In Kafka's form: 22 characters of base64url. */
  uuid(): string
  /** A null array reads as empty. */
  array<T>(read: () => T): T[]
  /** Tagged fields at the end of a structure, each with its own reader; skipped without `read`. */
  tags(read?: (tag: number, field: Reader) => void): void
}

export function reader(buffer: Buffer): Reader {
  let position = 0
  let throttled = 0

  function skip(bytes: number): number {
    if (position + bytes > buffer.length) throw new RangeError(`${bytes} bytes at ${position} of ${buffer.length}`)
    const at = position
    position += bytes
    return at
  }

  function view(bytes: number): Buffer {
    const at = skip(bytes)
    return buffer.subarray(at, at + bytes)
  }

  function uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = buffer.readUInt8(skip(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a variable-length number of more than 5 bytes')
  }

  function int64(): number {
    const value = Number(buffer.readBigInt64BE(skip(8)))
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe whole number`)
    return value
  }

  function nullableString(): string | null {
    const length = uvarint() - 1
    return length < 0 ? null : view(length).toString('utf8')
  }

  function tags(read?: (tag: number, field: Reader) => void): void {
    for (let count = uvarint(); count > 0; count--) {
      const tag = uvarint()
      const field = view(uvarint())
      read?.(tag, reader(field))
    }
  }

  return {
    int8: () => buffer.readInt8(skip(1)),
    int16: () => buffer.readInt16BE(skip(2)),
    int32: () => buffer.readInt32BE(skip(4)),
    int64,
    throttleTime() {
      throttled = buffer.readInt32BE(skip(4))
      return throttled
    },
    get throttled() {
      return throttled
    },
    boolean: () => buffer.readInt8(skip(1)) !== 0,
    uvarint,
    string: () => nullableString() ?? '',
    nullableString,
    bytes() {
      const length = uvarint() - 1
      return length < 0 ? null : view(length)
    },
    uuid: () => view(16).toString('base64url'),
    array(read) {
      const count = uvarint() - 1
      // A damaged count must not allocate millions of elements: each takes at least one byte.
      if (count > buffer.length - position)
        throw new RangeError(`${count} elements in ${buffer.length - position} bytes`)
      const items = []
      for (let index = 0; index < count; index++) items.push(read())
      return items
    },
    tags,
  }
}
