/**
 * A set of slots as short text: runs of equal steps.
 *
 *     0,2,4,6     0-6/2
 *     1,2,3,9     1-3,9
 */

import { slotsOf } from './slotTable.ts'

/** @param slots ascending, without duplicates */
export function slotsText(slots: readonly number[]): string {
  const runs: string[] = []
  for (let from = 0; from < slots.length; ) {
    const first = slots[from] as number
    const step = (slots[from + 1] ?? first) - first
    let to = from
    while (step > 0 && (slots[to + 1] ?? -1) - (slots[to] as number) === step) to += 1
    // A pair is shorter, and clearer, as two slots.
    if (to - from < 2) to = from
    const last = slots[to] as number
    runs.push(to === from ? `${first}` : `${first}-${last}${step === 1 ? '' : `/${step}`}`)
    from = to + 1
  }
  return runs.join()
}

/** The slots that a table gives to a shard, as text. */
export function shardSlotsText(table: readonly number[], shard: number): string {
  return slotsText(slotsOf(table, shard))
}

/**
 * Returns null if the text is something else, or names a slot that does not exist.
 *
 * @param count number of slots
 */
export function parseSlots(text: string, count: number): readonly number[] | null {
  const slots: number[] = []
  for (const run of text === '' ? [] : text.split(',')) {
    const found = /^(\d{1,9})(?:-(\d{1,9})(?:\/(\d{1,9}))?)?$/.exec(run)
    if (found === null) return null
    const [first, last, step] = [Number(found[1]), Number(found[2] ?? found[1]), Number(found[3] ?? 1)]
    if (last >= count || first > last || step === 0) return null
    for (let slot = first; slot <= last; slot += step) slots.push(slot)
  }
  return slots
}
