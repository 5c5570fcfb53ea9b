/**
 * Where the records of a batch were read. Kept for every batch, and needed only for one that a broker refuses: so in runs of records that
 * followed one another in their split, too, which costs two comparisons for most records.
 */
import type { Split } from '../element.ts'

export interface Origins {
  /** By run: the place of its first record in the batch, and where that was read. */
  readonly starts: number[]
  readonly splits: Split[]
  readonly offsets: number[]
  /** How many records there are. */
  count: number
  /** Where the next record would have been read that belongs to the last run. */
  split: Split | undefined
  next: number
}

export function newOrigins(): Origins {
  return { starts: [], splits: [], offsets: [], count: 0, split: undefined, next: -1 }
}

export interface Origin {
  readonly split: Split
  readonly offset: number
}

export function addOrigin(origins: Origins, origin: Origin): void {
  const { split, offset } = origin
  if (offset !== origins.next || split !== origins.split) {
    origins.starts.push(origins.count)
    origins.splits.push(split)
    origins.offsets.push(offset)
    origins.split = split
  }
  origins.next = offset + 1
  origins.count += 1
}

/** Of every record, in order. */
export function* originsOf({ starts, splits, offsets, count }: Origins): Generator<Origin> {
  for (let run = 0; run < starts.length; run++) {
    const start = starts[run] as number
    const end = starts[run + 1] ?? count
    for (let at = start; at < end; at++)
      yield { split: splits[run] as Split, offset: (offsets[run] as number) + at - start }
  }
}
