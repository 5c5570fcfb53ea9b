/**
 * Reads fetched record batches where they lie: one cursor goes from record to record, and cuts out key, value and headers only when
 * it is asked for them. A batch is believed when its checksum is right.
 */
import type { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import type { Header, Split } from '../../element.ts'
import { CorruptedError, RxweftError, toError } from '../../errors.ts'
import { decompress } from './compression.ts'
import { at, bits, lengthFrom } from './layout.ts'
import { readVarint } from './varint.ts'

export interface RecordBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly producerId: number
  readonly transactional: boolean
  /** Holds a marker of the broker's own, no data. */
  readonly control: boolean
  /** Calls `each` for every record, and may be called again. The cursor is one and the same: it must not be kept. */
  records(each: (record: RecordCursor) => void): void
  /** The same a few records at a time, from the first one on: each call reads the next ones, and says how many; fewer than `most`: they were the last. */
  reading(): (each: (record: RecordCursor) => void, most: number) => number
}

export interface RecordCursor {
  readonly offset: number
  /** ms since the epoch; -1 where the record has none. */
  readonly timestamp: number
  /** What the batch consists of; key and value lie in it. */
  readonly bytes: Buffer
  readonly keyAt: number
  /** -1: null. */
  readonly keyLength: number
  readonly valueAt: number
  readonly valueLength: number
  /** A view of the bytes, or null. */
  key(): Buffer | null
  value(): Buffer | null
  headers(): readonly Header[]
}

/** The offset after the last whole batch; null where there is none. Looks at headers only. */
export function endOfBatches(fetched: Buffer): number | null {
  let last: number | null = null
  for (let start = 0, end = endOf(fetched, 0); end !== null; start = end, end = endOf(fetched, start)) last = start
  return last === null ? null : lastOffset(fetched, last) + 1
}

/** The size of the largest batch in it, whole or cut off, bytes; 0 where there is none. Looks at headers only. */
export function largestIn(fetched: Buffer): number {
  let largest = 0
  for (let start = 0; start + at.records <= fetched.length; ) {
    const size = sizeAt(fetched, start)
    largest = Math.max(largest, size)
    start += size
  }
  return largest
}

/** The whole batches, one after the other; what is cut off at the end comes again with the next fetch. Throws Corrupted BATCH_DAMAGED. */
export function* readBatches(fetched: Buffer, split: Split): Generator<RecordBatch> {
  for (let start = 0, end = endOf(fetched, 0); end !== null; start = end, end = endOf(fetched, start)) {
    yield readBatch(fetched.subarray(start, end), split)
  }
}

/** Where the batch at `start` ends, or null where it is not there as a whole. */
function endOf(fetched: Buffer, start: number): number | null {
  if (start + at.records > fetched.length) return null
  const end = start + sizeAt(fetched, start)
  return end > fetched.length ? null : end
}

/** As the batch at `start` says. A length that is nonsense reads as the shortest batch, whose checksum will be wrong. */
function sizeAt(fetched: Buffer, start: number): number {
  return Math.max(at.records, lengthFrom + fetched.readInt32BE(start + at.length))
}

function lastOffset(fetched: Buffer, start: number): number {
  return int64(fetched, start + at.baseOffset) + fetched.readInt32BE(start + at.lastOffsetDelta)
}

function readBatch(batch: Buffer, { topic, partition }: Split): RecordBatch {
  const attributes = batch.readInt16BE(at.attributes)
  const baseOffset = int64(batch, at.baseOffset)
  const damaged = (how: string, cause?: unknown): CorruptedError =>
    new CorruptedError('BATCH_DAMAGED', `a record batch ${how}`, {
      where: { topic, partition, offset: baseOffset },
      hint: 'Nothing of it was processed. Look whether another replica of the partition is intact; do not trust the disk of this broker',
      cause,
    })
  const magic = batch.readInt8(at.magic)
  if (magic !== 2) throw damaged(`has the format ${magic}, from before Kafka 0.11`)
  if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc))
    throw damaged('does not have the checksum that it states')
  let records: Buffer | undefined
  const begun = (): Reading => {
    records ??= unpack(batch, attributes, damaged)
    const appended = (attributes & bits.logAppendTime) !== 0
    const baseTimestamp = int64(batch, appended ? at.maxTimestamp : at.baseTimestamp)
    const count = batch.readInt32BE(at.count)
    return {
      input: { bytes: records, at: 0 },
      record: cursor(records),
      left: count,
      baseOffset,
      baseTimestamp,
      appended,
    }
  }
  const read = (from: Reading, each: (record: RecordCursor) => void, most: number): void => {
    if (!eachRecord(from, each, most)) throw damaged('has a record that does not end where it says')
  }
  return {
    baseOffset,
    lastOffset: lastOffset(batch, 0),
    producerId: int64(batch, at.producerId),
    transactional: (attributes & bits.transactional) !== 0,
    control: (attributes & bits.control) !== 0,
    records: (each) => read(begun(), each, Infinity),
    reading() {
      const from = begun()
      return (each, most) => {
        const before = from.left
        read(from, each, most)
        return before - from.left
      }
    },
  }
}

/** How far the records of a batch have been read. */
interface Reading {
  readonly input: { readonly bytes: Buffer; at: number }
  readonly record: ReturnType<typeof cursor>
  left: number
  readonly baseOffset: number
  readonly baseTimestamp: number
  /** All records have the time at which the broker has got them. */
  readonly appended: boolean
}

function unpack(batch: Buffer, attributes: number, damaged: (how: string, cause: unknown) => CorruptedError): Buffer {
  try {
    return decompress(attributes & bits.compression, batch.subarray(at.records))
  } catch (thrown) {
    if (thrown instanceof RxweftError) throw thrown
    throw damaged(`cannot be decompressed: ${toError(thrown).message}`, thrown)
  }
}

/** False where the bytes are not what they say. Runs for every record that is read: see bench/hotPath.ts. */
function eachRecord(reading: Reading, each: (record: RecordCursor) => void, most: number): boolean {
  const { input, record, baseOffset, baseTimestamp, appended } = reading
  const { bytes } = input
  for (let more = Math.min(most, reading.left); more > 0; more--) {
    const length = readVarint(input)
    const end = input.at + length
    if (!(length > 0 && end <= bytes.length)) return false
    input.at += 1 // attributes: none are defined
    const timestampDelta = readVarint(input)
    record.timestamp = appended ? baseTimestamp : baseTimestamp + timestampDelta
    record.offset = baseOffset + readVarint(input)
    record.keyLength = readVarint(input)
    record.keyAt = input.at
    input.at += Math.max(0, record.keyLength)
    record.valueLength = readVarint(input)
    record.valueAt = input.at
    record.end = end
    if (input.at + Math.max(0, record.valueLength) >= end) return false
    input.at = end
    reading.left -= 1
    each(record)
  }
  return reading.left > 0 || input.at === bytes.length
}

function cursor(bytes: Buffer) {
  const record = {
    offset: 0,
    timestamp: 0,
    bytes,
    keyAt: 0,
    keyLength: 0,
    valueAt: 0,
    valueLength: 0,
    end: 0,
    key: () => view(bytes, record.keyAt, record.keyLength),
    value: () => view(bytes, record.valueAt, record.valueLength),
    headers: () => readHeaders(bytes, record.valueAt + Math.max(0, record.valueLength), record.end),
  }
  return record
}

function readHeaders(bytes: Buffer, from: number, end: number): readonly Header[] {
  if (bytes[from] === 0) return none
  const input = { bytes, at: from }
  const headers: Header[] = []
  const number = readVarint(input)
  for (let i = 0; i < number && input.at < end; i++) {
    const nameLength = readVarint(input)
    const name = bytes.toString('utf8', input.at, input.at + nameLength)
    input.at += nameLength
    const length = readVarint(input)
    headers.push({ name, value: view(bytes, input.at, length) })
    input.at += Math.max(0, length)
  }
  return headers
}

function view(bytes: Buffer, from: number, length: number): Buffer | null {
  return length < 0 ? null : bytes.subarray(from, from + length)
}

const none: readonly Header[] = []

function int64(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position) * 2 ** 32 + buffer.readUInt32BE(position + 4)
}
