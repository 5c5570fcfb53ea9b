/**
 * Encodes records one after another into a growing buffer. Runs for every written record
 * (bench/hotPath.ts): plain functions on one object, which V8 compiles once for all batches; a new
 * closure per batch took twice the time.
 */
import { Buffer } from 'node:buffer'
import type { Header } from '../../record.ts'
import { utf8Write } from '../../serde/utf8.ts'
import { varintSize, writeVarint } from './varint.ts'

/** A string stands for its UTF-8, written in place; it must be well-formed. */
export type Encoded = Uint8Array | string | null

export interface RecordOutput {
  buffer: Buffer
  /** Bytes so far. */
  bytes: number
  /** Records so far. */
  count: number
  baseTimestamp: number
  maxTimestamp: number
  /** Bytes of the last record's length field; usually right for the next record too. */
  lengthBytes: number
}

/**
 * Upper bound for a record without key, value and headers: length, attributes, two deltas, two
 * lengths, number of headers.
 */
const overhead = 5 + 1 + 10 + 5 + 5 + 5 + 5

/**
 * Upper bound of the encoded size. A string counts as three times its length, the longest UTF-8,
 * unless `counted`: counting takes longer, and is for a buffer that may be too small.
 */
export function recordRoom(key: Encoded, value: Encoded, headers: readonly Header[], counted = false): number {
  let bytes = overhead + roomOf(key, counted) + roomOf(value, counted)
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i] as Header
    bytes += 10 + roomOf(header.name, counted) + (header.value?.length ?? 0)
  }
  return bytes
}

function roomOf(part: Encoded, counted: boolean): number {
  if (part === null) return 0
  if (typeof part !== 'string') return part.length
  return counted ? Buffer.byteLength(part) : 3 * part.length
}

export function appendRecord(
  out: RecordOutput,
  timestamp: number,
  key: Encoded,
  value: Encoded,
  headers: readonly Header[],
): void {
  if (out.count === 0) out.baseTimestamp = out.maxTimestamp = timestamp
  else if (timestamp > out.maxTimestamp) out.maxTimestamp = timestamp
  if (out.bytes + recordRoom(key, value, headers) > out.buffer.length)
    makeRoom(out, recordRoom(key, value, headers, true))
  const start = out.bytes
  out.bytes += out.lengthBytes
  out.buffer[out.bytes++] = 0 // attributes: none are defined
  putVarint(out, timestamp - out.baseTimestamp)
  putVarint(out, out.count)
  put(out, key)
  put(out, value)
  putVarint(out, headers.length)
  for (let i = 0; i < headers.length; i++) putHeader(out, headers[i] as Header)
  out.lengthBytes = putLength(out, start, out.lengthBytes)
  out.count += 1
}

function makeRoom(out: RecordOutput, more: number): void {
  const { buffer, bytes: end } = out
  if (end + more <= buffer.length) return
  out.buffer = Buffer.allocUnsafe(Math.max(end + more, 2 * buffer.length))
  buffer.copy(out.buffer, 0, 0, end)
}

function putHeader(out: RecordOutput, { name, value }: Header): void {
  putText(out, name)
  put(out, value)
}

function put(out: RecordOutput, part: Encoded): void {
  if (typeof part === 'string') return putText(out, part)
  putVarint(out, part === null ? -1 : part.length)
  if (part === null) return
  out.buffer.set(part, out.bytes)
  out.bytes += part.length
}

/**
 * Assumes one byte per character for the length field, which is usually right; corrects it
 * afterwards.
 */
function putText(out: RecordOutput, text: string): void {
  const start = out.bytes
  const left = varintSize(text.length)
  out.bytes += left
  out.bytes += utf8Write(out.buffer, text, out.bytes)
  putLength(out, start, left)
}

/**
 * Writes the length of the part that ends here in front of it, where `left` bytes were reserved;
 * moves the part if the length needs more or fewer.
 */
function putLength(out: RecordOutput, start: number, left: number): number {
  const length = out.bytes - start - left
  const needed = varintSize(length)
  if (needed !== left) {
    out.buffer.copyWithin(start + needed, start + left, out.bytes)
    out.bytes += needed - left
  }
  writeVarint(out.buffer, start, length)
  return needed
}

function putVarint(out: RecordOutput, value: number): void {
  out.bytes = writeVarint(out.buffer, out.bytes, value)
}
