/**
 * Builds one record batch in one growing buffer: records are encoded as they come, the header is filled in when it is known who
 * sends the batch. No object per record, and no BigInt: lengths and deltas are variable-length numbers (varint.ts).
 */
import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import type { Header } from '../../element.ts'
import { type Compression, compress, compressionCode } from './compression.ts'
import { at, bits, lengthFrom } from './layout.ts'
import { varintSize, writeVarint } from './varint.ts'

export interface BatchBuilder {
  /** Records so far. */
  readonly count: number
  /** Their size with the header of the batch, bytes before compression. */
  readonly bytes: number
  /** Whether the record can be added without exceeding the limit. The first record always can. */
  fits(key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): boolean
  /** @param timestamp ms since the epoch */
  append(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): void
  /** The encoded batch. To be called once; nothing may be appended afterwards. */
  finish(identity: BatchIdentity): Buffer
}

/** Who sends the batch; the broker knows a batch that it has had before by it. -1 throughout: nobody in particular. */
export interface BatchIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  /** The sequence number of the first record. */
  readonly baseSequence: number
  readonly transactional: boolean
}

export interface BatchOptions {
  readonly compression: Compression
  /** Bytes before compression; default: none. */
  readonly limit?: number
}

/** What a record needs at most besides key, value and headers: length, attributes, two deltas, two lengths, number of headers. */
const overhead = 5 + 1 + 10 + 5 + 5 + 5 + 5

/** The most that a batch of only this record can have, bytes before compression. */
export function largestBatch(key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): number {
  return at.records + recordRoom(key, value, headers)
}

export function createBatchBuilder({ compression, limit = Infinity }: BatchOptions): BatchBuilder {
  let buffer = Buffer.allocUnsafe(1024)
  let end: number = at.records
  let count = 0
  let baseTimestamp = 0
  let maxTimestamp = 0

  function makeRoom(bytes: number): void {
    if (end + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(end + bytes, 2 * buffer.length))
    buffer.copy(larger, 0, 0, end)
    buffer = larger
  }

  function writeBytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      end = writeVarint(buffer, end, -1)
      return
    }
    end = writeVarint(buffer, end, bytes.length)
    buffer.set(bytes, end)
    end += bytes.length
  }

  function writeHeader({ name, value }: Header): void {
    const length = Buffer.byteLength(name)
    end = writeVarint(buffer, end, length)
    end += buffer.write(name, end, length, 'utf8')
    writeBytes(value)
  }

  return {
    get count() {
      return count
    },
    get bytes() {
      return end
    },
    fits: (key, value, headers) => count === 0 || end + recordRoom(key, value, headers) <= limit,
    append(timestamp, key, value, headers) {
      if (count === 0) baseTimestamp = maxTimestamp = timestamp
      else if (timestamp > maxTimestamp) maxTimestamp = timestamp
      makeRoom(recordRoom(key, value, headers))
      const delta = timestamp - baseTimestamp
      end = writeVarint(buffer, end, bodySize(delta, count, key, value, headers))
      buffer[end++] = 0 // attributes: none are defined
      end = writeVarint(buffer, end, delta)
      end = writeVarint(buffer, end, count)
      writeBytes(key)
      writeBytes(value)
      end = writeVarint(buffer, end, headers.length)
      for (let i = 0; i < headers.length; i++) writeHeader(headers[i] as Header)
      count += 1
    },
    finish({ producerId, producerEpoch, baseSequence, transactional }) {
      const batch = packed(buffer.subarray(0, end), compression)
      batch.writeBigInt64BE(0n, at.baseOffset)
      batch.writeInt32BE(batch.length - lengthFrom, at.length)
      batch.writeInt32BE(-1, at.leaderEpoch)
      batch.writeInt8(2, at.magic)
      batch.writeInt16BE(compressionCode(compression) | (transactional ? bits.transactional : 0), at.attributes)
      batch.writeInt32BE(count - 1, at.lastOffsetDelta)
      batch.writeBigInt64BE(BigInt(baseTimestamp), at.baseTimestamp)
      batch.writeBigInt64BE(BigInt(maxTimestamp), at.maxTimestamp)
      batch.writeBigInt64BE(BigInt(producerId), at.producerId)
      batch.writeInt16BE(producerEpoch, at.producerEpoch)
      batch.writeInt32BE(baseSequence, at.baseSequence)
      batch.writeInt32BE(count, at.count)
      batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc)
      return batch
    },
  }
}

/** With the records compressed, and the room for the header in front as it was. */
function packed(batch: Buffer, compression: Compression): Buffer {
  if (compression === 'none') return batch
  return Buffer.concat([batch.subarray(0, at.records), compress(compression, batch.subarray(at.records))])
}

/** Never less than what the record will have. */
function recordRoom(key: Uint8Array | null, value: Uint8Array | null, headers: readonly Header[]): number {
  let bytes = overhead + (key === null ? 0 : key.length) + (value === null ? 0 : value.length)
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i] as Header
    bytes += 10 + 3 * header.name.length + (header.value?.length ?? 0)
  }
  return bytes
}

/** Exactly what follows the record's own length. */
function bodySize(
  timestampDelta: number,
  offsetDelta: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly Header[],
): number {
  let bytes = 1 + varintSize(timestampDelta) + varintSize(offsetDelta) + sizeOf(key) + sizeOf(value)
  bytes += varintSize(headers.length)
  for (let i = 0; i < headers.length; i++) {
    const { name, value: content } = headers[i] as Header
    const length = Buffer.byteLength(name)
    bytes += varintSize(length) + length + sizeOf(content)
  }
  return bytes
}

function sizeOf(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length
}
