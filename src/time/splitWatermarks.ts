/**
 * Watermark of one source. That of a split is its highest timestamp - bound - 1; the lowest counts:
 *
 *     split 0   --5-------9------------     bound 0
 *     split 1   ------7-------~--------     ~ idle
 *     emitted   ------4---6---8--------
 *
 * A split without any record holds it back; so does a split that was idle and has a record again,
 * but the watermark never falls.
 */
import type { Idle, Watermark } from '../element.ts'
import type { Split } from '../record.ts'
import { type LowestWatermark, lowestWatermark } from './lowestWatermark.ts'
import { splitTable } from './splitTable.ts'
import type { WatermarkState } from './watermarkState.ts'

export interface TrackedSplit {
  readonly split: Split
  /** Its number in the lowest watermark. */
  readonly input: number
  /** Of all its records; -Infinity before the first. */
  highest: number
  /** When it last had a record, or could have had one: reading time, ms. */
  seenAt: number
  /** Too far ahead of the others: it is not read. */
  held: boolean
}

export interface SplitWatermarks {
  readonly lowest: LowestWatermark
  readonly splits: readonly TrackedSplit[]
  find(split: Split): TrackedSplit | undefined
  /** As `find`, and from now on it counts. */
  know(split: Split): TrackedSplit
  /** A record was emitted. */
  passed(split: Split, timestamp: number): void
  /** What comes from now on is seen later. */
  turn(): void
  watermarkOf(one: TrackedSplit): number
  state(): WatermarkState
}

/**
 * @param seen called for each split that is new or has a record; while only one split has records,
 *   called once until the next turn
 */
export function splitWatermarks(
  bound: number,
  restored: WatermarkState,
  emit: (control: Watermark | Idle) => void,
  seen: (one: TrackedSplit) => void,
): SplitWatermarks {
  const lowest = lowestWatermark(0, emit, restored.emitted)
  const splits: TrackedSplit[] = []
  const table = splitTable<TrackedSplit>()
  const reached = splitTable<number>()
  for (const one of restored.splits) reached.set(one, one.timestamp)
  /** That of the last record: most records are of the same split as the one before. */
  let last: TrackedSplit | undefined
  let lastSplit: Split | undefined

  function know(split: Split): TrackedSplit {
    return table.get(split) ?? add(split)
  }

  function add({ topic, partition }: Split): TrackedSplit {
    const split = { topic, partition }
    const highest = reached.get(split) ?? -Infinity
    const one = { split, input: lowest.add(highest - bound - 1), highest, seenAt: 0, held: false }
    table.set(split, one)
    splits.push(one)
    seen(one)
    return one
  }

  /** The first record of a split, or one after a change of splits, or of the time. */
  function change(split: Split, timestamp: number): void {
    last = know(split)
    lastSplit = split
    seen(last)
    rise(last, timestamp)
  }

  function rise(one: TrackedSplit, timestamp: number): void {
    if (timestamp > one.highest) one.highest = timestamp
    lowest.rise(one.input, one.highest - bound - 1)
  }

  return {
    lowest,
    splits,
    find: table.get,
    know,
    passed(split, timestamp) {
      if (split !== lastSplit || last === undefined) change(split, timestamp)
      else if (timestamp > last.highest) rise(last, timestamp)
    },
    turn() {
      lastSplit = undefined
    },
    watermarkOf: ({ highest }) => highest - bound - 1,
    state: () => ({
      emitted: lowest.emitted,
      splits: splits.map(({ split, highest }) => ({ ...split, timestamp: highest })),
    }),
  }
}
