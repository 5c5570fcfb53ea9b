/**
 * Where the records of a batch were read. Kept for every batch, and needed only for one that a
 * broker refuses: so in runs of records that followed one another in their split, too, which costs
 * two comparisons for most records, and writes nothing.
 */
import type { Split } from '../../record.ts'

export interface Origins {
  /** By run: the place of its first record in the batch, and where that was read. */
  readonly starts: number[]
  readonly splits: Split[]
  readonly offsets: number[]
  /**
   * Of the last run: its split, and how far the offset of a record is ahead of its place in the
   * batch.
   */
  split: Split | undefined
  ahead: number
}

export function newOrigins(): Origins {
  return { starts: [], splits: [], offsets: [], split: undefined, ahead: 0 }
}

export interface Origin {
  readonly split: Split
  readonly offset: number
}

/** @param place of the record in the batch: one after the other, from 0 */
export function addOrigin(origins: Origins, origin: Origin, place: number): void {
  if (origin.offset - place === origins.ahead && origin.split === origins.split) return
  const { split, offset } = origin
  origins.starts.push(place)
  origins.splits.push(split)
  origins.offsets.push(offset)
  origins.split = split
  origins.ahead = offset - place
}

/**
 * Of every record, in order.
 * @param count how many there are
 */
export function* originsOf({ starts, splits, offsets }: Origins, count: number): Generator<Origin> {
  for (let run = 0; run < starts.length; run++) {
    const start = starts[run] as number
    const end = starts[run + 1] ?? count
    for (let at = start; at < end; at++)
      yield { split: splits[run] as Split, offset: (offsets[run] as number) + at - start }
  }
}
