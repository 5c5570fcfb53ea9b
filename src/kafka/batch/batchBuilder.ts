/**
 * Builds one record batch in one growing buffer: records are encoded as they arrive, the header
 * once the sender is known. No object per record and no BigInt: lengths and deltas are varints
 * (varint.ts).
 */
import { Buffer } from 'node:buffer'
import type { Header } from '../../record.ts'
import { type Compression, compress, compressAside, compressionCode } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { at, bits, lengthFrom } from './layout.ts'
import { type RecordCursor, readBatches } from './readBatches.ts'
import { appendRecord, type Encoded, type RecordOutput, recordRoom } from './recordOutput.ts'

export interface BatchBuilder {
  /** Buffer of the batch; without compression, `finish` returns a slice of it. */
  readonly buffer: Buffer
  /** Records so far. */
  readonly count: number
  /** Size of header and records, bytes before compression. */
  readonly bytes: number
  /** True if the record fits the limit. The first record always does. */
  fits(key: Encoded, value: Encoded, headers: readonly Header[]): boolean
  /** @param timestamp ms since the epoch */
  append(timestamp: number, key: Encoded, value: Encoded, headers: readonly Header[]): void
  /**
   * Compresses in another thread ahead of `finish`; undefined if that would gain nothing. May be
   * called again. Nothing may be appended afterwards, and `finish` must wait for it.
   */
  pack(): Promise<void> | undefined
  /** The encoded batch. Call once; nothing may be appended afterwards. */
  finish(identity: BatchIdentity): Buffer
  /**
   * Reads the records back from a copy, which keys and values then refer to. As for RecordBatch,
   * the cursor must not be kept.
   */
  read(each: (record: RecordCursor) => void): void
}

/**
 * Timestamp of records of our own. Brokers refuse timestamps too far from their own clock, and this
 * machine's clock may be wrong; a record without one is exempt from all their limits.
 */
export const withoutTimestamp = -1

/** Identity of the sender, by which the broker recognises duplicates. -1 in all fields: none. */
export interface BatchIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  /** Sequence number of the first record. */
  readonly baseSequence: number
  readonly transactional: boolean
}

export interface BatchOptions {
  readonly compression: Compression
  /** Size limit, bytes before compression; default: none. */
  readonly limit?: number
  /** Initial buffer; replaced by a larger one if it is too small. */
  readonly buffer?: Buffer
}

/**
 * Upper bound for a batch of this one record, bytes before compression.
 *
 * @param counted as for recordRoom
 */
export function largestBatch(key: Encoded, value: Encoded, headers: readonly Header[], counted = false): number {
  return at.records + recordRoom(key, value, headers, counted)
}

/** Size up to which compressing takes less time than a handover to another thread, bytes. */
const few = 8 * 1024

export function createBatchBuilder({ compression, limit = Infinity, buffer }: BatchOptions): BatchBuilder {
  let packing: Promise<void> | undefined
  let compressed: Buffer | undefined
  const builder = {
    // No getters: each object with getters gets its own hidden class, which defeats V8's inline
    // caches.
    buffer: buffer ?? Buffer.allocUnsafe(1024),
    bytes: at.records as number,
    count: 0,
    baseTimestamp: 0,
    maxTimestamp: 0,
    lengthBytes: 1,
    fits: (key: Encoded, value: Encoded, headers: readonly Header[]) =>
      builder.count === 0 ||
      builder.bytes + recordRoom(key, value, headers) <= limit ||
      builder.bytes + recordRoom(key, value, headers, true) <= limit,
    append: (timestamp: number, key: Encoded, value: Encoded, headers: readonly Header[]) =>
      appendRecord(builder, timestamp, key, value, headers),
    pack() {
      if (compression === 'none' || builder.bytes < few) return undefined
      packing ??= compressAside(compression, builder.buffer.subarray(at.records, builder.bytes)).then((bytes) => {
        compressed = bytes
      })
      return packing
    },
    finish({ producerId, producerEpoch, baseSequence, transactional }: BatchIdentity) {
      const batch = packed(builder.buffer.subarray(0, builder.bytes), compression, compressed)
      const attributes = compressionCode(compression) | (transactional ? bits.transactional : 0)
      writeHeader(batch, builder, attributes, { producerId, producerEpoch, baseSequence, transactional })
      return batch
    },
    read(each: (record: RecordCursor) => void) {
      const copy = Buffer.from(builder.buffer.subarray(0, builder.bytes))
      writeHeader(copy, builder, 0, nobody)
      for (const batch of readBatches(copy, nowhere)) batch.records(each)
    },
  }
  return builder
}

const nobody: BatchIdentity = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }
const nowhere = { topic: '', partition: -1 }

function writeHeader(
  batch: Buffer,
  { count, baseTimestamp, maxTimestamp }: RecordOutput,
  attributes: number,
  { producerId, producerEpoch, baseSequence }: BatchIdentity,
): void {
  batch.writeBigInt64BE(0n, at.baseOffset)
  batch.writeInt32BE(batch.length - lengthFrom, at.length)
  batch.writeInt32BE(-1, at.leaderEpoch)
  batch.writeInt8(2, at.magic)
  batch.writeInt16BE(attributes, at.attributes)
  batch.writeInt32BE(count - 1, at.lastOffsetDelta)
  batch.writeBigInt64BE(BigInt(baseTimestamp), at.baseTimestamp)
  batch.writeBigInt64BE(BigInt(maxTimestamp), at.maxTimestamp)
  batch.writeBigInt64BE(BigInt(producerId), at.producerId)
  batch.writeInt16BE(producerEpoch, at.producerEpoch)
  batch.writeInt32BE(baseSequence, at.baseSequence)
  batch.writeInt32BE(count, at.count)
  batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc)
}

/** Compresses the records; the space for the header in front stays. */
function packed(batch: Buffer, compression: Compression, compressed?: Buffer): Buffer {
  if (compression === 'none') return batch
  return Buffer.concat([batch.subarray(0, at.records), compressed ?? compress(compression, batch.subarray(at.records))])
}
