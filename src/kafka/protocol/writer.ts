/**
 * Writes one request. Small fields go into a growing buffer; record batches are kept by reference,
 * so that half a megabyte is not copied on its way to the socket:
 *
 *   chunks  [size, header, fields][batch][fields][batch][fields]
 */
import { Buffer } from 'node:buffer'

export interface Writer {
  int8(value: number): void
  int16(value: number): void
  int32(value: number): void
  /** A safe integer, as offsets, timestamps and producer ids are. */
  int64(value: number): void
  boolean(value: boolean): void
  /** An unsigned varint below 2^31. */
  uvarint(value: number): void
  string(value: string | null): void
  /** The old form with a two-byte length, used only in request headers. */
  shortString(value: string): void
  /** Kept by reference: must not change until the answer has arrived. */
  bytes(value: Buffer): void
  uuid(value: string): void
  array<T>(items: Iterable<T> & { readonly length: number }, write: (item: T) => void): void
  /** End of a structure: no tagged fields. */
  tags(): void
  /**
   * Everything written, preceded by its size (4 bytes, not counting themselves). Nothing may be
   * written afterwards.
   */
  frame(): readonly Buffer[]
}

const sizeBytes = 4

export function writer(capacity = 256): Writer {
  const chunks: Buffer[] = []
  let buffer = Buffer.allocUnsafe(Math.max(capacity, sizeBytes))
  let start = 0
  let end = sizeBytes
  let total = 0

  /**
   * Returns the buffer with space for `bytes` more, which end at `end`. Call it before each write,
   * since it may return a new buffer.
   */
  function room(bytes: number): Buffer {
    if (end + bytes > buffer.length) grow(bytes)
    end += bytes
    return buffer
  }

  function grow(bytes: number): void {
    const unsealed = buffer.subarray(start, end)
    buffer = Buffer.allocUnsafe(2 * (unsealed.length + bytes))
    unsealed.copy(buffer)
    start = 0
    end = unsealed.length
  }

  function seal(): void {
    if (end === start) return
    chunks.push(buffer.subarray(start, end))
    total += end - start
    start = end
  }

  function uvarint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) room(1).writeUInt8((rest & 0x7f) | 0x80, end - 1)
    room(1).writeUInt8(rest, end - 1)
  }

  function utf8(value: string, length: number): void {
    room(length).write(value, end - length, 'utf8')
  }

  return {
    int8: (value) => void room(1).writeInt8(value, end - 1),
    int16: (value) => void room(2).writeInt16BE(value, end - 2),
    int32: (value) => void room(4).writeInt32BE(value, end - 4),
    int64(value) {
      if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe whole number`)
      room(8).writeBigInt64BE(BigInt(value), end - 8)
    },
    boolean: (value) => void room(1).writeInt8(value ? 1 : 0, end - 1),
    uvarint,
    string(value) {
      if (value === null) return uvarint(0)
      const length = Buffer.byteLength(value)
      uvarint(length + 1)
      utf8(value, length)
    },
    shortString(value) {
      const length = Buffer.byteLength(value)
      room(2).writeInt16BE(length, end - 2)
      utf8(value, length)
    },
    bytes(value) {
      uvarint(value.length + 1)
      seal()
      chunks.push(value)
      total += value.length
    },
    uuid: (value) => void Buffer.from(value, 'base64url').copy(room(16), end - 16),
    array(items, write) {
      uvarint(items.length + 1)
      for (const item of items) write(item)
    },
    tags: () => uvarint(0),
    frame() {
      seal()
      const first = chunks[0] as Buffer
      first.writeInt32BE(total - sizeBytes, 0)
      return chunks
    },
  }
}
