/**
 * Encodes records, one behind the other, into a buffer that grows. Runs for every record that is
 * written (bench/hotPath.ts): therefore plain functions on one object, which V8 compiles once for
 * all batches; closures made anew for each batch took twice the time.
 */
import { Buffer } from 'node:buffer'
import type { Header } from '../../record.ts'
import { varintSize, writeVarint } from './varint.ts'

/** A well-formed text stands for its UTF-8, which is then written in place. */
export type Encoded = Uint8Array | string | null

export interface RecordOutput {
  buffer: Buffer
  /** Bytes so far. */
  bytes: number
  /** Records so far. */
  count: number
  baseTimestamp: number
  maxTimestamp: number
  /** How many bytes the length of the last record took: mostly the next one is about as long. */
  lengthBytes: number
}

/**
 * What a record needs at most besides key, value and headers: length, attributes, two deltas, two
 * lengths, number of headers.
 */
const overhead = 5 + 1 + 10 + 5 + 5 + 5 + 5

/**
 * Never less than what the record will have. A text counts as long as UTF-8 can be, which is three
 * times its length, unless it is `counted`: that takes longer, and is for where there may be too
 * little room.
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

/** How long it is in bytes is known only afterwards; most have a byte a letter. */
function putText(out: RecordOutput, text: string): void {
  const start = out.bytes
  const left = varintSize(text.length)
  out.bytes += left
  out.bytes += out.buffer.write(text, out.bytes)
  putLength(out, start, left)
}

/**
 * Writes, for what ends here, its length in front of it, where so many bytes were left for that;
 * moves it where other many are needed.
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
