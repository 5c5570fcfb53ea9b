/**
 * Records as bytes: what lies in the log are batches, many records of one partition in one value. Offsets are not in them; a batch gets
 * its place in the partition when it is committed.
 *
 *   record:  timestamp f64 | key length i32 | value length i32 | headers u32 | key | value | header*        little endian
 *   header:  name length i32 | value length i32 | name (UTF-8) | value                                       length -1: null
 */
import { Buffer } from 'node:buffer'
import type { Header } from '../element.ts'
import { FatalError } from '../errors.ts'

/** What a log record is made of, besides its place. */
export interface RecordContent {
  /** ms since the epoch */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}

/** Decodes one record after another. */
export interface BatchCursor {
  /** The next record. Throws what it was told to where the bytes end within it. */
  next(): DecodedRecord
}

export interface DecodedRecord extends RecordContent {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface BatchBuilder {
  /** Throws Fatal RECORD_NOT_WRITABLE on a record that could not be read again as it is. */
  add(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): void
  readonly count: number
  /** How many bytes so far. */
  readonly size: number
  /** All of it; the builder must not be used afterwards. */
  bytes(): Buffer
}

/** A batch is closed when it reaches this size, bytes. */
export const batchBytes = 256 * 1024

/** The largest record, bytes: far more than a message should have, and far less than what a Buffer can hold. */
const recordBytes = 64 * 1024 * 1024

const fixedBytes = 20

export function batchBuilder(): BatchBuilder {
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
      const encoded = headers.map(({ name, value }) => ({ name: Buffer.from(name, 'utf8'), value }))
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

export function batchCursor(bytes: Buffer, damaged: () => Error): BatchCursor {
  let at = 0

  const length = (): number => {
    at += 4
    return bytes.readInt32LE(at - 4)
  }
  const take = (length: number): Buffer | null => {
    if (length === -1) return null
    if (length < 0 || at + length > bytes.length) throw damaged()
    at += length
    return bytes.subarray(at - length, at)
  }
  const header = (): Header => {
    const [name, value] = [length(), length()]
    return { name: take(name)?.toString('utf8') ?? '', value: take(value) }
  }
  function record(): DecodedRecord {
    const timestamp = bytes.readDoubleLE(at)
    at += 8
    const [keyLength, valueLength, headers] = [length(), length(), length()]
    const [key, value] = [take(keyLength), take(valueLength)]
    return { timestamp, key, value, headers: headers === 0 ? none : Array.from({ length: headers }, header) }
  }

  return {
    next() {
      try {
        return record()
      } catch (thrown) {
        throw thrown instanceof RangeError ? damaged() : thrown
      }
    },
  }
}

/** Shared by all records without headers, as most are. */
const none: readonly Header[] = []

function checkedSize(
  timestamp: unknown,
  key: unknown,
  value: unknown,
  headers: readonly Header[] | readonly { name: Buffer; value: unknown }[],
): number {
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp))
    refuse(`its timestamp is ${timestamp}`, 'ms since the epoch')
  let bytes = fixedBytes + sizeOf('key', key) + sizeOf('value', value)
  for (const header of headers) bytes += 8 + sizeOf('header name', header.name) + sizeOf('header value', header.value)
  if (bytes > recordBytes)
    refuse(`it has ${bytes} bytes`, `at most ${recordBytes} bytes, and keep larger things elsewhere`)
  return bytes
}

function sizeOf(what: string, bytes: unknown): number {
  if (bytes === null) return 0
  if (bytes instanceof Uint8Array) return bytes.length
  return refuse(`its ${what} is of type ${typeof bytes}`, 'bytes, or null')
}

function refuse(what: string, hint: string): never {
  throw new FatalError('RECORD_NOT_WRITABLE', `the record cannot be written to the log: ${what}`, {
    hint: `Give ${hint}; a serde makes bytes of other values`,
  })
}
