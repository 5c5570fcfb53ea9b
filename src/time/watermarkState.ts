/**
 * Event time of a source in a snapshot, as JSON. -Infinity is left out. Infinity, the end of a
 * bounded source, is never stored, since the next run may find more to read.
 *
 *     { "emitted": 1700000000000,
 *       "splits": [{ "topic": "clicks", "partition": 0, "timestamp": 1700000004217 }] }
 */
import { CorruptedError } from '../errors.ts'
import type { Json, OperatorId, Split } from '../record.ts'

/** Event time of a source. */
export interface WatermarkState {
  /** Last emitted watermark; -Infinity: none. */
  readonly emitted: number
  /** Highest timestamp of each split, not its watermark: the next run may allow another delay. */
  readonly splits: readonly SplitTime[]
}

export interface SplitTime extends Split {
  readonly timestamp: number
}

export const noState: WatermarkState = { emitted: -Infinity, splits: [] }

export function encodeWatermarks({ emitted, splits }: WatermarkState): { readonly [name: string]: Json } {
  const told = splits.filter(({ timestamp }) => Number.isFinite(timestamp))
  return {
    ...(Number.isFinite(emitted) ? { emitted } : {}),
    splits: told.map(({ topic, partition, timestamp }) => ({ topic, partition, timestamp })),
  }
}

/**
 * Decodes the state. undefined: the job is new, or had no watermarks so far.
 *
 * @throws WATERMARKS_DAMAGED if the state is something else
 */
export function decodeWatermarks(state: Json | undefined, operator: OperatorId): WatermarkState {
  if (state === undefined) return noState
  const { emitted = -Infinity, splits } = fieldsOf(state)
  if (typeof emitted !== 'number' || !Array.isArray(splits) || !splits.every(isSplitTime)) throw damaged(operator)
  return { emitted, splits }
}

function isSplitTime(split: unknown): split is SplitTime {
  const { topic, partition, timestamp } = fieldsOf(split)
  return typeof topic === 'string' && Number.isInteger(partition) && Number.isFinite(timestamp)
}

/** Fields of an object; none of anything else. */
export function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** @param what should stand there */
export function damaged(operator: OperatorId, what = 'the watermarks of the source'): CorruptedError {
  return new CorruptedError('WATERMARKS_DAMAGED', `the snapshot has something else in place of ${what}`, {
    where: { operator },
    hint: 'If another operator had this `id` before, restore the previous `id` of both',
  })
}
