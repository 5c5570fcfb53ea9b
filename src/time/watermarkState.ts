/**
 * What a snapshot keeps of a source's event time, as JSON: -Infinity is left out, and Infinity, the
 * end of a bounded source, never gets into it, since the next run may find more to read.
 *
 *   { "emitted": 1700000000000, "splits": [{ "topic": "clicks", "partition": 0, "timestamp": 1700000004217 }] }
 */

import { CorruptedError } from '../errors.ts'
import type { Json, OperatorId, Split } from '../record.ts'

export interface WatermarkState {
  /** The watermark that was emitted last; -Infinity: none. */
  readonly emitted: number
  /**
   * The highest timestamp of each split, and not its watermark: the next run may allow for another
   * delay.
   */
  readonly splits: readonly SplitTime[]
}

export interface SplitTime extends Split {
  readonly timestamp: number
}

export const noState: WatermarkState = { emitted: -Infinity, splits: [] }

export function encodeWatermarks({ emitted, splits }: WatermarkState): Json {
  const told = splits.filter(({ timestamp }) => Number.isFinite(timestamp))
  return {
    ...(Number.isFinite(emitted) ? { emitted } : {}),
    splits: told.map(({ topic, partition, timestamp }) => ({ topic, partition, timestamp })),
  }
}

/**
 * undefined, no state at all: the job is new, or had no watermarks so far. Throws Corrupted
 * WATERMARKS_DAMAGED.
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

/** Of what is no object: none. */
function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function damaged(operator: OperatorId): CorruptedError {
  return new CorruptedError(
    'WATERMARKS_DAMAGED',
    'the snapshot holds something else than the watermarks of the source',
    {
      where: { operator },
      hint: 'Did something else with state have this id before? Give the source its former `id`, or that one its own',
    },
  )
}
