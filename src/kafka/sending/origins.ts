/**
 * Source offsets of the records in a batch. They are kept for every batch but needed only when a
 * broker refuses one, so they are stored as runs of consecutive offsets: most records cost two
 * comparisons and no write.
 */
import type { Split } from '../../record.ts'

export interface Origins {
  /** Per run: the index of its first record in the batch; its split; its first offset. */
  readonly starts: number[]
  readonly splits: Split[]
  readonly offsets: number[]
  /** Last run: its split, and the difference between offset and index in the batch. */
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

/** @param place index of the record in the batch: consecutive, from 0 */
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
 * Origins of all records, in order.
 * @param count number of records
 */
export function* originsOf({ starts, splits, offsets }: Origins, count: number): Generator<Origin> {
  for (let run = 0; run < starts.length; run++) {
    const start = starts[run] as number
    const end = starts[run + 1] ?? count
    for (let at = start; at < end; at++)
      yield { split: splits[run] as Split, offset: (offsets[run] as number) + at - start }
  }
}
