/**
 * Splits a batch that the broker refuses because of its content:
 *
 *   broker names records     those are refused, the others form a new batch
 *   broker names none        two halves, until a refused record stands alone: its size is known
 *   (too large)              to be too large
 *
 * Nothing of a refused batch is in the log, so the rest starts with the same sequence number
 * (producer.ts).
 */

import type { RxweftError } from '../../errors.ts'
import type { Header, Split } from '../../record.ts'
import { type BatchBuilder, createBatchBuilder } from '../batch/batchBuilder.ts'
import type { RecordCursor } from '../batch/readBatches.ts'
import { addOrigin, type Origins, originsOf } from './origins.ts'

export interface BatchContent {
  /** Destination topic. */
  readonly topic: string
  readonly builder: BatchBuilder
  readonly origins: Origins
}

/** The broker's reason to refuse a batch. */
export interface Verdict {
  readonly error: RxweftError
  /**
   * Failing records, by index in the batch, with the broker's message; empty if the broker names
   * none.
   */
  readonly records: ReadonlyMap<number, string | null>
}

/** A record as it would have been written, and its source offset. */
export interface RefusedRecord {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
  /** Destination topic. */
  readonly topic: string
  /** Source split. */
  readonly split: Split
  readonly offset: number
  readonly error: RxweftError
  /** The broker's message about this record; null if there is none. */
  readonly reason: string | null
}

export interface Salvage<B> {
  /** In record order. */
  readonly refused: readonly RefusedRecord[]
  /** In sending order. */
  readonly left: readonly B[]
}

/**
 * @param fresh makes an empty batch
 * @param tooLarge size in bytes at which a batch of one record is known to be refused: such a
 *   record is refused without being sent alone first
 */
export function salvage<B extends BatchContent>(
  { topic, builder, origins }: BatchContent,
  { error, records }: Verdict,
  fresh: () => B,
  tooLarge = Infinity,
): Salvage<B> {
  const alone = builder.count === 1
  const named = [...records.keys()].some((at) => at >= 0 && at < builder.count)
  const isRefused = (at: number, record: RecordCursor): boolean =>
    alone || (named ? records.has(at) : tooLarge < Infinity && sizeAlone(record) >= tooLarge)
  const half = named || alone ? builder.count : Math.ceil(builder.count / 2)
  const refused: RefusedRecord[] = []
  const left: B[] = []
  const read = [...originsOf(origins, builder.count)]
  let current: B | undefined
  let at = 0
  builder.read((cursor) => {
    const { split, offset } = read[at] as (typeof read)[number]
    const { timestamp } = cursor
    const [key, value, headers] = [cursor.key(), cursor.value(), cursor.headers()]
    if (isRefused(at, cursor)) {
      const reason = records.get(at) ?? null
      refused.push({ timestamp, key, value, headers, topic, split, offset, error, reason })
    } else {
      if (current === undefined || (at >= half && left.length === 1)) {
        current = fresh()
        left.push(current)
      }
      addOrigin(current.origins, { split, offset }, current.builder.count)
      current.builder.append(timestamp, key, value, headers)
    }
    at += 1
  })
  return { refused, left }
}

/** Uncompressed size of a batch with only this record, bytes. */
function sizeAlone(record: RecordCursor): number {
  const alone = createBatchBuilder({ compression: 'none' })
  alone.append(record.timestamp, record.key(), record.value(), record.headers())
  return alone.bytes
}
