/**
 * Reads fetched record batches in place: one cursor moves from record to record, and slices key,
 * value and headers only on demand. A batch is used only if its checksum is right.
 */
import type { Buffer } from 'node:buffer'
import { CorruptedError, RxweftError, toError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { decompress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { at, bits, lengthFrom } from './layout.ts'
import { eachRecord, type Reading, type RecordCursor, recordCursor } from './recordCursor.ts'
import { defaultSizeLimit } from './sizeLimit.ts'

export type { RecordCursor } from './recordCursor.ts'

export interface RecordBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  /** Highest timestamp of its records, ms since the epoch; -1 if they have none. */
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly transactional: boolean
  /** True for a batch with a broker's marker instead of data. */
  readonly control: boolean
  /** Calls `each` for every record; repeatable. The cursor is reused: callers must not keep it. */
  records(each: (record: RecordCursor) => void): void
  /**
   * Reads a few records at a time, from the first one on: each call reads up to `most` further
   * records and returns their number; fewer than `most` means the end. Returns an error if the rest
   * cannot be read, with its offsets in `where`. Throws only what `each` throws.
   */
  reading(): (each: (record: RecordCursor) => void, most: number) => number | RxweftError
}

/** Offset after the last whole batch; null if there is none. Reads headers only. */
export function endOfBatches(fetched: Buffer): number | null {
  let last: number | null = null
  for (let start = 0, end = endOf(fetched, 0); end !== null; start = end, end = endOf(fetched, start)) last = start
  return last === null ? null : lastOffset(fetched, last) + 1
}

/** Size of the largest batch, whole or cut off, bytes; 0 if there is none. Reads headers only. */
export function largestIn(fetched: Buffer): number {
  let largest = 0
  for (let start = 0; start + at.records <= fetched.length; ) {
    const size = sizeAt(fetched, start)
    largest = Math.max(largest, size)
    start += size
  }
  return largest
}

/**
 * The whole batches in order; a batch cut off at the end comes again with the next fetch. Throws
 * Corrupted BATCH_DAMAGED. Reading the records of a batch throws the same, or Fatal
 * BATCH_TOO_LARGE. If the checksum is right then, the batch is as its producer sent it, and the
 * error has `badRecord`.
 *
 * @param limit largest decompressed size of one batch, bytes
 */
export function* readBatches(fetched: Buffer, split: Split, limit = defaultSizeLimit): Generator<RecordBatch> {
  for (let start = 0, end = endOf(fetched, 0); end !== null; start = end, end = endOf(fetched, start)) {
    yield readBatch(fetched.subarray(start, end), split, limit)
  }
}

/** End of the batch at `start`, or null if it is not whole. */
function endOf(fetched: Buffer, start: number): number | null {
  if (start + at.records > fetched.length) return null
  const end = start + sizeAt(fetched, start)
  return end > fetched.length ? null : end
}

/**
 * Size by the batch's own length field. A nonsensical length counts as the shortest batch, whose
 * checksum will be wrong.
 */
function sizeAt(fetched: Buffer, start: number): number {
  return Math.max(at.records, lengthFrom + fetched.readInt32BE(start + at.length))
}

function lastOffset(fetched: Buffer, start: number): number {
  return int64(fetched, start + at.baseOffset) + fetched.readInt32BE(start + at.lastOffsetDelta)
}

function readBatch(batch: Buffer, { topic, partition }: Split, limit: number): RecordBatch {
  const attributes = batch.readInt16BE(at.attributes)
  const baseOffset = int64(batch, at.baseOffset)
  const last = lastOffset(batch, 0)
  const where = { topic, partition, offset: baseOffset }
  const damaged = (how: string): CorruptedError =>
    new CorruptedError('BATCH_DAMAGED', `a record batch ${how}`, {
      where,
      hint: 'Nothing of the batch was processed. Check whether another replica of the partition is intact, and check the disk of this broker',
    })
  const unreadable = (how: string, cause?: unknown): CorruptedError =>
    new CorruptedError('BATCH_DAMAGED', `a record batch ${how}, although its checksum is right`, {
      where: { ...where, lastOffset: last },
      hint: 'Its producer wrote it this way. Set `onError` to continue without it',
      cause,
      badRecord: true,
    })
  const magic = batch.readInt8(at.magic)
  if (magic !== 2) throw damaged(`has format ${magic}, which is older than Kafka 0.11`)
  if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc)) throw damaged('has a wrong checksum')
  if (!(baseOffset >= 0 && last >= baseOffset && Number.isSafeInteger(last)))
    throw damaged(`has the offsets ${baseOffset} to ${last}`)
  const control = (attributes & bits.control) !== 0
  // Brokers have no reason to compress markers, and an unreadable marker must not be skipped.
  if (control && (attributes & bits.compression) !== 0) throw damaged('is a control batch and compressed')
  let records: Buffer | undefined
  const unpacked = (): Buffer => {
    try {
      return decompress(attributes & bits.compression, batch.subarray(at.records), limit)
    } catch (thrown) {
      if (thrown instanceof RxweftError) throw thrown.at({ ...where, lastOffset: last })
      throw unreadable(`cannot be decompressed: ${toError(thrown).message}`, thrown)
    }
  }
  const begun = (): Reading => {
    records ??= unpacked()
    const appended = (attributes & bits.logAppendTime) !== 0
    const baseTimestamp = int64(batch, appended ? at.maxTimestamp : at.baseTimestamp)
    const left = batch.readInt32BE(at.count)
    const record = recordCursor(records, baseOffset - 1)
    return { input: { bytes: records, at: 0 }, record, left, baseOffset, lastOffset: last, baseTimestamp, appended }
  }
  const read = (from: Reading, each: (record: RecordCursor) => void, most: number): number | RxweftError => {
    const before = from.left
    if (eachRecord(from, each, most)) return before - from.left
    return unreadable('has a record whose length is wrong').at({ offset: from.record.offset + 1 })
  }
  return {
    baseOffset,
    lastOffset: last,
    maxTimestamp: int64(batch, at.maxTimestamp),
    producerId: int64(batch, at.producerId),
    producerEpoch: batch.readInt16BE(at.producerEpoch),
    transactional: (attributes & bits.transactional) !== 0,
    control,
    records(each) {
      const read = this.reading()(each, Infinity)
      if (typeof read !== 'number') throw read
    },
    reading() {
      let from: Reading | undefined
      return (each, most) => {
        try {
          from ??= begun()
        } catch (thrown) {
          return thrown as RxweftError
        }
        return read(from, each, most)
      }
    },
  }
}

function int64(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position) * 2 ** 32 + buffer.readUInt32BE(position + 4)
}
