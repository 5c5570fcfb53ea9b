/**
 * Layout of batches: many records of one partition in one value. Offsets are not stored; a batch
 * gets its place in the partition when it is committed.
 *
 *   record:  timestamp f64 | key length i32 | value length i32 | headers u32
 *            | key | value | header*
 *   header:  name length i32 | value length i32 | name (UTF-8) | value
 *
 * Numbers are little endian; length -1 means null.
 */
import { Buffer } from 'node:buffer'
import type { Header } from '../record.ts'
import { checkedSize, encodedName } from './checkedSize.ts'

export interface LogBatch {
  /** Throws Fatal RECORD_NOT_WRITABLE if the record could not be read back unchanged. */
  add(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): void
  readonly count: number
  /** Bytes so far. */
  readonly size: number
  /** The encoded batch; the builder must not be used afterwards. */
  bytes(): Buffer
}

/** Size at which a batch is closed, bytes. */
export const batchBytes = 256 * 1024

export function logBatch(): LogBatch {
  let target = Buffer.allocUnsafe(4_096)
  let size = 0
  let count = 0

  function reserve(bytes: number): void {
    if (size + bytes <= target.length) return
    const larger = Buffer.allocUnsafe(Math.max(size + bytes, target.length * 2))
    target.copy(larger, 0, 0, size)
    target = larger
  }
  function put(bytes: Uint8Array | null): void {
    if (bytes === null) return
    target.set(bytes, size)
    size += bytes.length
  }
  function putLength(bytes: Uint8Array | null): void {
    size = target.writeInt32LE(bytes === null ? -1 : bytes.length, size)
  }

  return {
    add(timestamp, key, value, headers) {
      const encoded = headers.map(({ name, value }) => ({ name: encodedName(name), value }))
      reserve(checkedSize(timestamp, key, value, encoded))
      size = target.writeDoubleLE(timestamp, size)
      putLength(key)
      putLength(value)
      size = target.writeUInt32LE(encoded.length, size)
      put(key)
      put(value)
      for (const header of encoded) {
        putLength(header.name)
        putLength(header.value)
        put(header.name)
        put(header.value)
      }
      count += 1
    },
    get count() {
      return count
    },
    get size() {
      return size
    },
    bytes: () => target.subarray(0, size),
  }
}
