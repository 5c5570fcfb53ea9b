/** A batch of an embedded log that a reader has found, and how its records are emitted. */
import { isMarker, markerIn } from '../contracts/marker.ts'
import type { MarkerListener } from '../contracts/repartition.ts'
import type { Emit, Refuse } from '../contracts/source.ts'
import { type OperatorId, type Split, streamRecord } from '../record.ts'
import { bytes } from '../serde/bytes.ts'
import { nullable } from '../serde/nullable.ts'
import type { EachRecord } from '../serde/preparation.ts'
import type { RecordSerdes } from '../serde/recordSerdes.ts'
import { undecodable } from '../serde/undecodable.ts'
import { checkPlace } from '../sinks/keyedTopics.ts'
import type { BatchRecord } from './batchCursor.ts'
import type { PlacedBatch, Topic } from './logCore.ts'

export interface ReadSplit {
  readonly topic: Topic
  /** Shared by all records of the split. */
  readonly split: Split
  /** Next offset to emit. */
  position: number
  /** End of a bounded source. */
  readonly bound: number
}

export interface FoundBatch {
  readonly split: ReadSplit
  readonly batch: PlacedBatch
  /** Number of records read. */
  read: number
}

interface EmitterOptions<T> extends RecordSerdes<T> {
  readonly source: OperatorId
  readonly repartition?: boolean | undefined
  readonly keyed?: boolean | undefined
}

/** Reads ahead: a cursor is used up after one pass, so the records are kept. */
export async function preparedBatch(
  { split, batch }: FoundBatch,
  prepare: (each: EachRecord) => Promise<void>,
  { repartition = false }: Pick<EmitterOptions<never>, 'repartition'>,
): Promise<FoundBatch> {
  const records = Array.from({ length: batch.count }, batch.cursor.next)
  const first = Math.max(0, split.position - batch.offset)
  const wanted = records.slice(first, split.bound - batch.offset)
  await prepare((call) => {
    for (const { value, key, headers } of wanted) if (!(repartition && isMarker(headers))) call(value, key)
  })
  const left = records.values()
  return { split, read: 0, batch: { ...batch, cursor: { next: () => left.next().value as BatchRecord } } }
}

/** Returns a function that emits the next record, and whether the batch is finished. */
export function batchEmitter<T>(
  found: FoundBatch,
  emit: Emit<T>,
  refuse: Refuse,
  marked: MarkerListener,
  { value, key = nullableBytes, source, repartition = false, keyed = false }: EmitterOptions<T>,
  partitions: number,
): readonly [through: () => boolean, record: () => void] {
  const { split, batch } = found
  const place = split.split
  const end = Math.min(batch.offset + batch.count, split.bound)
  const next = (): number => batch.offset + found.read
  const record = (): void => {
    const offset = next()
    const record = batch.cursor.next()
    found.read += 1
    if (offset < split.position) return
    if (repartition && isMarker(record.headers)) {
      marked(place, markerIn(record.headers, place, offset))
      split.position = offset + 1
      return
    }
    if (keyed) checkPlace(source, partitions, place, offset, record.key)
    let decoded: T
    let decodedKey: unknown
    try {
      decoded = value.decode(record.value)
      decodedKey = key.decode(record.key)
    } catch (thrown) {
      const { value: bytes, timestamp, key: keyBytes, headers } = record
      const error = undecodable(source, place, offset, thrown)
      if (!error.badRecord) throw error
      refuse(streamRecord(bytes, timestamp, keyBytes, headers, place, offset), error)
      split.position = offset + 1
      return
    }
    emit(decoded, record.timestamp, decodedKey, record.headers, place, offset)
    // Advanced record by record: if a record is refused downstream, the position points at it.
    split.position = offset + 1
  }
  return [() => next() >= end, record]
}

/** Keys pass unchanged, unless there is a serde. */
const nullableBytes = nullable(bytes)
