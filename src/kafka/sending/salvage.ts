/**
 * Takes apart a batch that the broker refuses for what is in it:
 *
 *   it names records         they are refused, the others are a batch again
 *   it does not (too large)  two halves, until a record that is refused stands alone; then it is known how large is too large
 *
 * Nothing of a refused batch is in the log, so what is left of it begins with the same sequence
 * number (producer.ts).
 */

import type { RxweftError } from '../../errors.ts'
import type { Header, Split } from '../../record.ts'
import { type BatchBuilder, createBatchBuilder } from '../batch/batchBuilder.ts'
import type { RecordCursor } from '../batch/readBatches.ts'
import { addOrigin, type Origins, originsOf } from './origins.ts'

export interface BatchContent {
  /** That it is for. */
  readonly topic: string
  readonly builder: BatchBuilder
  readonly origins: Origins
}

/** Why the broker refuses a batch. */
export interface Verdict {
  readonly error: RxweftError
  /**
   * Records at fault, by their place in the batch, and what the broker says about each; empty: it
   * does not say.
   */
  readonly records: ReadonlyMap<number, string | null>
}

/** A record as it was to be written, and where it was read. */
export interface RefusedRecord {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
  /** That it is for. */
  readonly topic: string
  /** Where it was read. */
  readonly split: Split
  readonly offset: number
  readonly error: RxweftError
  /** What the broker says about this record; null: nothing. */
  readonly reason: string | null
}

export interface Salvage<B> {
  /** In the order of the records. */
  readonly refused: readonly RefusedRecord[]
  /** In the order in which they are to be sent. */
  readonly left: readonly B[]
}

/**
 * @param fresh makes an empty batch
 * @param tooLarge a batch of one record with so many bytes is certainly refused, so no record of
 *   that size need stand alone first
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

/** Bytes of a batch, without compression, that has only this record. */
function sizeAlone(record: RecordCursor): number {
  const alone = createBatchBuilder({ compression: 'none' })
  alone.append(record.timestamp, record.key(), record.value(), record.headers())
  return alone.bytes
}
