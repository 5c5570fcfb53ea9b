/**
 * Floors of event time, after slots have moved: a slot that comes from a shard whose watermark was
 * ahead keeps that watermark until this shard has reached it.
 *
 *   watermark of the shard   ----4----6----9
 *   floor of slot 7          8 8 8 8 8 8 8        its records count as late below 8
 *
 * Without floors, a record that was late would open a window again that has been emitted.
 */
import { parseSlots, slotsText } from '../../contracts/slotsText.ts'
import type { Json, OperatorId } from '../../record.ts'
import { damaged, fieldsOf } from '../../time/watermarkState.ts'

/** Watermark by slot. */
export type Floors = Map<number, number>

export interface KeptFloors {
  readonly floors: Floors
  /** Number of slots of the job. */
  readonly of: number
}

/** Fields of the operator's small state; none if there are no floors. */
export function encodeFloors(floors: Floors, of: number): { readonly [name: string]: Json } {
  if (floors.size === 0) return {}
  const byTime = new Map<number, number[]>()
  for (const [slot, time] of floors) byTime.set(time, [...(byTime.get(time) ?? []), slot])
  const texts = [...byTime].map(([watermark, slots]) => ({ slots: slotsText(slots.sort((a, b) => a - b)), watermark }))
  return { floors: texts, of }
}

/** Null if there are none. Throws Corrupted WATERMARKS_DAMAGED if the state is something else. */
export function decodeFloors(state: Json | undefined, operator: OperatorId): KeptFloors | null {
  const { floors: listed, of } = fieldsOf(state)
  if (listed === undefined) return null
  const floors: Floors = new Map()
  if (!Array.isArray(listed) || !Number.isInteger(of)) throw damaged(operator, 'the floors of event time')
  for (const { slots: text, watermark } of listed) {
    const slots = typeof text === 'string' ? parseSlots(text, of as number) : null
    if (slots === null || typeof watermark !== 'number') throw damaged(operator, 'the floors of event time')
    for (const slot of slots) floors.set(slot, watermark)
  }
  return { floors, of: of as number }
}
