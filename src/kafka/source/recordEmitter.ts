/**
 * Emits the records of one split from one fetch. Runs for every record read: see bench/hotPath.ts.
 */
import type { Buffer } from 'node:buffer'
import { isMarker, markerIn } from '../../contracts/marker.ts'
import type { MarkerListener } from '../../contracts/repartition.ts'
import type { Emit, Refuse, Room } from '../../contracts/source.ts'
import { type OperatorId, type Split, streamRecord } from '../../record.ts'
import { bytes } from '../../serde/bytes.ts'
import { nullable } from '../../serde/nullable.ts'
import type { RecordSerdes } from '../../serde/recordSerdes.ts'
import type { Serde } from '../../serde/serde.ts'
import { shortcutsOf } from '../../serde/shortcuts.ts'
import { undecodable } from '../../serde/undecodable.ts'
import { type RecordBatch, type RecordCursor, readBatches } from '../batch/readBatches.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import { committedSlices, type RefuseBatch } from '../reading/committedRecords.ts'

/** Records to emit, and the progress so far. */
export interface FetchedRecords {
  readonly split: {
    readonly split: Split
    /** End of the wanted offsets, exclusive. */
    readonly bound: number
    /** Next offset to emit. */
    position: number
  }
  readonly fetched: FetchedPartition
  /** Batches of `fetched`, if already decoded. */
  readonly batches?: readonly RecordBatch[]
  /** The remaining records, once some have been emitted. */
  rest?: ReturnType<typeof committedSlices>
}

/**
 * Emits as many records as there is room for; returns true when all are emitted. Moves the position
 * record by record, so it is exact even if a record is refused downstream. Throws what `refuse`
 * throws.
 *
 * @param marked receives the markers of a repartition topic; undefined: the topic has none
 * @param checkKey throws if the bytes of a key are not those of a record of this split; undefined:
 *   any key may be anywhere
 */
export function recordEmitter<T>(
  {
    value,
    key = nullableBytes,
    source,
    maxDecompressedBytes,
  }: RecordSerdes<T> & { readonly source: OperatorId; readonly maxDecompressedBytes?: number | undefined },
  marked?: MarkerListener,
  checkKey?: (split: Split, offset: number, key: Buffer | null) => void,
) {
  const decodeValue = decoder(value)
  const decodeKey = decoder(key)

  function slices({ split, fetched, batches }: FetchedRecords, refuse: Refuse): ReturnType<typeof committedSlices> {
    const refuseBatch: RefuseBatch = ({ maxTimestamp, lastOffset }, from, error) => {
      if (!error.badRecord) throw error
      const batch = streamRecord(null, maxTimestamp, null, [], split.split, from)
      if (from < split.bound) refuse(batch, error.at({ operator: source, offset: from }))
      split.position = lastOffset + 1
    }
    const all = batches ?? readBatches(fetched.records, fetched, maxDecompressedBytes)
    return committedSlices(fetched, split.position, all, refuseBatch)
  }

  return (records: FetchedRecords, emit: Emit<T>, refuse: Refuse, room: Room = unlimited): boolean => {
    const { split } = records
    const place = split.split
    const each = (record: RecordCursor): void => {
      const { offset, timestamp } = record
      if (offset >= split.bound) return
      checkKey?.(place, offset, record.key())
      let decoded: T
      let decodedKey: unknown
      try {
        decoded = decodeValue(record.bytes, record.valueAt, record.valueLength)
        decodedKey = decodeKey(record.bytes, record.keyAt, record.keyLength)
      } catch (thrown) {
        const error = undecodable(source, place, offset, thrown)
        if (!error.badRecord) throw error
        refuse(streamRecord(record.value(), timestamp, record.key(), record.headers(), place, offset), error)
        split.position = offset + 1
        return
      }
      emit(decoded, timestamp, decodedKey, record.headers(), place, offset)
      split.position = offset + 1
    }
    const eachOrMarker = (record: RecordCursor): void => {
      const { offset } = record
      const headers = record.headers()
      if (!isMarker(headers)) return each(record)
      marked?.(place, markerIn(headers, place, offset))
      split.position = offset + 1
    }
    const take = marked === undefined ? each : eachOrMarker
    records.rest ??= slices(records, refuse)
    for (let most = room(); most > 0; most = room()) {
      const next = records.rest(take, most)
      if (next === null) continue
      split.position = Math.min(next, split.bound)
      return true
    }
    return false
  }
}

const unlimited: Room = () => Infinity

/** Keys are passed on unchanged, unless a serde is given. */
const nullableBytes = nullable(bytes)

/** Decodes in place, without a view of the bytes if the serde needs none. Length -1: null. */
function decoder<T>(serde: Serde<T>): (bytes: Buffer, from: number, length: number) => T {
  const { decodeAt } = shortcutsOf(serde)
  return (bytes, from, length) => {
    if (length < 0) return serde.decode(null)
    const end = from + length
    return decodeAt === undefined ? serde.decode(bytes.subarray(from, end)) : decodeAt(bytes, from, end)
  }
}
