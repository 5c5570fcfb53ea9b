/**
 * Event time of a source whose watermarks come in band, as markers (contracts/marker.ts). The
 * watermark is the lowest of all slots of the job, and that of a slot the lowest of all splits:
 *
 *     slot 0     W5          W9              marker of the shard that has the slot
 *     slot 1          W4          W8
 *     watermark  -----4------4----8----      a slot never heard of holds the watermark back
 *
 * So a shard that is down or behind holds the watermark where its last marker was, and its records
 * are not late when they come. Slots that are idle or have ended hold nothing back. A shard writes
 * each marker to all splits, so a slot is idle once its marker says so in every split: where only
 * some do, the others have not been read so far. Markers are taken as they are, and a slot may come
 * back from being idle or ended; the emitted watermark never falls anyhow.
 */
import type { WatermarkMarker } from '../contracts/marker.ts'
import type { Idle, Watermark } from '../element.ts'
import type { Split } from '../record.ts'
import { lowestWatermark } from './lowestWatermark.ts'
import { encodeSlots, type SlotState, type SlotsTime } from './slotState.ts'
import { splitTable } from './splitTable.ts'

export interface SlotWatermarks {
  /** Takes a marker that was read from a split. */
  mark(split: Split, marker: WatermarkMarker): void
  /** True once all slots have ended in every split: no more records come. */
  readonly ended: boolean
  /**
   * For the snapshot.
   *
   * @param over whether the run is over, so that the next one begins with inputs that have not
   *   ended
   */
  state(over: boolean): ReturnType<typeof encodeSlots>
}

type Condition = 'active' | 'idle' | 'ended'

/** Time of a slot; `reached` is its last finite watermark. */
interface SlotTime {
  readonly reached: number
  readonly condition: Condition
}

/** A split, with the last marker of each slot; none: never heard of. */
interface MarkedSplit {
  readonly split: Split
  readonly slots: (SlotTime | undefined)[]
}

const unheard: SlotTime = { reached: -Infinity, condition: 'active' }

/**
 * Emits first the watermark that an earlier attempt had reached.
 *
 * @param splits all splits of this shard
 */
export function slotWatermarks(
  restored: SlotState,
  splits: readonly Split[],
  emit: (control: Watermark | Idle) => void,
): SlotWatermarks {
  const table = splitTable<MarkedSplit>()
  const marked = splits.map(({ topic, partition }): MarkedSplit => ({ split: { topic, partition }, slots: [] }))
  for (const one of marked) table.set(one.split, one)
  /** Over all splits. */
  const slots: SlotTime[] = []
  let ended = marked.length === 0

  if (restored.emitted > -Infinity) emit({ kind: 'watermark', timestamp: restored.emitted })
  const watermark = lowestWatermark(1, emit, restored.emitted)
  for (const { topic, partition, of, marks } of restored.splits) {
    const one = table.get({ topic, partition })
    if (one !== undefined) for (const mark of marks) take(one, { ...mark, of }, mark.reached)
  }
  update()

  /** @param last finite watermark before the end; default: what the slot has reached */
  function take(one: MarkedSplit, marker: WatermarkMarker, last?: number): void {
    while (slots.length < marker.of) slots.push(unheard)
    const condition = marker.watermark === Infinity ? 'ended' : marker.idle ? 'idle' : 'active'
    for (const slot of marker.slots) {
      const before = one.slots[slot]?.reached ?? -Infinity
      one.slots[slot] = { reached: last ?? (condition === 'ended' ? before : marker.watermark), condition }
      slots[slot] = overSplits(marked.map(({ slots }) => slots[slot] ?? unheard))
    }
  }

  function update(): void {
    if (slots.length === 0) return
    const active = slots.filter(({ condition }) => condition === 'active')
    const idle = slots.filter(({ condition }) => condition === 'idle')
    ended = active.length + idle.length === 0
    if (active.length > 0) watermark.rise(0, lowestOf(active))
    else if (idle.length > 0) {
      watermark.rise(0, highestOf(idle))
      watermark.idle(0)
    }
  }

  return {
    mark(split, marker) {
      const one = table.get(split)
      if (one === undefined) return
      take(one, marker)
      update()
    },
    get ended() {
      return ended
    },
    state: (over) =>
      encodeSlots({
        emitted: watermark.emitted,
        splits: marked.map((one) => ({ ...one.split, of: slots.length, marks: grouped(one.slots, over) })),
      }),
  }
}

/** Time of one slot over all splits that have not come to its end. */
function overSplits(times: readonly SlotTime[]): SlotTime {
  const open = times.filter(({ condition }) => condition !== 'ended')
  if (open.length === 0) return { reached: highestOf(times), condition: 'ended' }
  if (open.every(({ condition }) => condition === 'idle')) return { reached: highestOf(open), condition: 'idle' }
  return { reached: lowestOf(open), condition: 'active' }
}

const lowestOf = (times: readonly SlotTime[]) =>
  times.reduce((least, { reached }) => Math.min(least, reached), Infinity)
const highestOf = (times: readonly SlotTime[]) =>
  times.reduce((most, { reached }) => Math.max(most, reached), -Infinity)

/** Slots of equal times together. */
function grouped(slots: readonly (SlotTime | undefined)[], over: boolean): readonly SlotsTime[] {
  const groups = new Map<string, SlotTime & { readonly slots: number[] }>()
  for (const [slot, time] of slots.entries()) {
    if (time === undefined) continue
    const name = `${time.reached} ${time.condition}`
    const group = groups.get(name) ?? { ...time, slots: [] }
    groups.set(name, group)
    group.slots.push(slot)
  }
  return [...groups.values()].map(({ slots, reached, condition }) => {
    const watermark = condition === 'ended' && !over ? Infinity : reached
    return { slots, reached, watermark, idle: condition === 'idle' }
  })
}
