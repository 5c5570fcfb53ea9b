/**
 * Iterates over records in place, checking each length against the available bytes before it is
 * followed. Runs for every record read: see bench/hotPath.ts.
 */
import type { Buffer } from 'node:buffer'
import type { Header } from '../../record.ts'
import { utf8Slice } from '../../serde/utf8.ts'
import { readVarint } from './varint.ts'

export interface RecordCursor {
  readonly offset: number
  /** ms since the epoch; -1 if the record has none. */
  readonly timestamp: number
  /** Bytes of the batch; key and value are slices of it. */
  readonly bytes: Buffer
  readonly keyAt: number
  /** -1 for null. */
  readonly keyLength: number
  readonly valueAt: number
  readonly valueLength: number
  /** A view of the bytes, or null. */
  key(): Buffer | null
  value(): Buffer | null
  headers(): readonly Header[]
}

/** Reading position within a batch. */
export interface Reading {
  readonly input: { readonly bytes: Buffer; at: number }
  readonly record: ReturnType<typeof recordCursor>
  left: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: number
  /** True if all records carry the time of their append at the broker. */
  readonly appended: boolean
}

/** Returns false if the bytes are malformed. Runs for every record read: see bench/hotPath.ts. */
export function eachRecord(reading: Reading, each: (record: RecordCursor) => void, most: number): boolean {
  const { input, record, baseOffset, lastOffset, baseTimestamp, appended } = reading
  const { bytes } = input
  let before = record.offset
  for (let more = Math.min(most, reading.left); more > 0; more--) {
    const length = readVarint(input)
    const end = input.at + length
    if (!(length > 0 && end <= bytes.length)) return false
    input.at += 1 // attributes: none are defined
    const timestampDelta = readVarint(input)
    record.timestamp = appended ? baseTimestamp : baseTimestamp + timestampDelta
    const offset = baseOffset + readVarint(input)
    if (!(offset > before && offset <= lastOffset)) return false
    record.keyLength = readVarint(input)
    record.keyAt = input.at
    input.at += Math.max(0, record.keyLength)
    record.valueLength = readVarint(input)
    record.valueAt = input.at
    input.at += Math.max(0, record.valueLength)
    if (!(record.keyLength >= -1 && record.valueLength >= -1 && input.at < end)) return false
    if (bytes[input.at] !== 0 || input.at + 1 !== end) {
      const found = headersIn(bytes, input.at, end)
      if (found === null) return false
      record.parsedHeaders = found
    } else if (record.parsedHeaders !== none) {
      record.parsedHeaders = none
    }
    before = offset
    record.offset = offset
    input.at = end
    reading.left -= 1
    each(record)
  }
  return reading.left > 0 || input.at === bytes.length
}

/** @param before the offset before the first record */
export function recordCursor(bytes: Buffer, before: number) {
  const record = {
    offset: before,
    timestamp: 0,
    bytes,
    keyAt: 0,
    keyLength: 0,
    valueAt: 0,
    valueLength: 0,
    parsedHeaders: none,
    key: () => view(bytes, record.keyAt, record.keyLength),
    value: () => view(bytes, record.valueAt, record.valueLength),
    headers: () => record.parsedHeaders,
  }
  return record
}

/** Null if number or lengths of the headers are wrong. */
function headersIn(bytes: Buffer, from: number, end: number): readonly Header[] | null {
  const input = { bytes, at: from }
  const number = readVarint(input)
  // A damaged count must not allocate millions of headers: each takes at least two lengths.
  if (!(number > 0 && 2 * number <= end - input.at)) return null
  const headers: Header[] = []
  for (let i = 0; i < number; i++) {
    const nameLength = readVarint(input)
    const nameEnd = input.at + nameLength
    if (!(nameLength >= 0 && nameEnd < end)) return null
    const name = utf8Slice(bytes, input.at, nameEnd)
    input.at = nameEnd
    const length = readVarint(input)
    const valueAt = input.at
    input.at += Math.max(0, length)
    if (!(length >= -1 && input.at <= end)) return null
    headers.push({ name, value: view(bytes, valueAt, length) })
  }
  return input.at === end ? headers : null
}

function view(bytes: Buffer, from: number, length: number): Buffer | null {
  return length < 0 ? null : bytes.subarray(from, from + length)
}

const none: readonly Header[] = []
