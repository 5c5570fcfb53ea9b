/**
 * In-band event time of a source in a snapshot, as JSON: the last marker of each slot, for each
 * split, grouped where they are equal. -Infinity is left out.
 *
 *     { "emitted": 1700000000000, "splits": [],
 *       "slots": [{ "topic": "t", "partition": 0, "of": 256,
 *                   "marks": [{ "slots": "0-254/2", "reached": 1700000000000 },
 *                             { "slots": "1-255/2", "reached": 1700000004217, "idle": true }] }] }
 *
 * `splits` is where sources with a strategy of their own keep their times (watermarkState.ts); it
 * is empty here, so that a job may change from one to the other.
 */
import { parseSlots, slotsText } from '../contracts/slotsText.ts'
import type { Json, OperatorId, Split } from '../record.ts'
import { damaged, fieldsOf } from './watermarkState.ts'

export interface SlotState {
  /** Last emitted watermark; -Infinity: none. */
  readonly emitted: number
  readonly splits: readonly SplitSlots[]
}

export interface SplitSlots extends Split {
  /** Number of slots of the job; 0: no marker was read. */
  readonly of: number
  readonly marks: readonly SlotsTime[]
}

/** Time of some slots. */
export interface SlotsTime {
  readonly slots: readonly number[]
  /** As in their marker; Infinity: ended. */
  readonly watermark: number
  readonly idle: boolean
  /** Last finite watermark, or -Infinity. */
  readonly reached: number
}

export function encodeSlots({ emitted, splits }: SlotState): { readonly [name: string]: Json } {
  return {
    ...(Number.isFinite(emitted) ? { emitted } : {}),
    splits: [],
    slots: splits.map(({ topic, partition, of, marks }) => ({ topic, partition, of, marks: marks.map(encodeMark) })),
  }
}

function encodeMark({ slots, watermark, idle, reached }: SlotsTime): Json {
  return {
    slots: slotsText(slots),
    ...(Number.isFinite(reached) ? { reached } : {}),
    ...(watermark === Infinity ? { ended: true } : {}),
    ...(idle ? { idle } : {}),
  }
}

/**
 * Decodes the state. A job that is new, or had no markers so far, has heard of no slot.
 *
 * @throws WATERMARKS_DAMAGED if the state is something else
 */
export function decodeSlots(state: Json | undefined, operator: OperatorId): SlotState {
  const { emitted = -Infinity, slots = [] } = fieldsOf(state)
  const splits = Array.isArray(slots) ? slots.map(decodeSplit) : [null]
  if (typeof emitted !== 'number' || splits.includes(null)) throw damaged(operator)
  return { emitted, splits: splits as SplitSlots[] }
}

function decodeSplit(given: unknown): SplitSlots | null {
  const { topic, partition, of, marks } = fieldsOf(given)
  if (typeof topic !== 'string' || !Number.isInteger(partition) || !Number.isInteger(of)) return null
  if (!Array.isArray(marks)) return null
  const decoded = marks.map((mark) => decodeMark(mark, of as number))
  return decoded.includes(null)
    ? null
    : { topic, partition: partition as number, of: of as number, marks: decoded as SlotsTime[] }
}

function decodeMark(given: unknown, of: number): SlotsTime | null {
  const { slots: text, reached = -Infinity, ended = false, idle = false } = fieldsOf(given)
  const slots = typeof text === 'string' ? parseSlots(text, of) : null
  if (slots === null || typeof reached !== 'number') return null
  return { slots, reached, watermark: ended === true ? Infinity : reached, idle: idle === true }
}
