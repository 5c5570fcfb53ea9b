/**
 * The leader epochs of what has been read of one partition. The epoch of the last record before an
 * offset goes into checkpoints and fetches: where the log below that offset was replaced since (an
 * unclean election), the leader can tell by it.
 *
 *   offsets   0 1 2 3 4 5 6 7        before(3): 4    before(4): 4    before(5): 6
 *   epochs    4 4 4 4 6 6 6 6
 */
export interface EpochHistory {
  /** Records from this offset on have this epoch. In the order of offsets. */
  add(from: number, epoch: number): void
  /** The epoch of the record before this offset; undefined: not known. */
  before(offset: number): number | undefined
}

/** @param epoch of the record before `offset`, as a checkpoint has it */
export function epochHistory(offset: number, epoch: number | undefined): EpochHistory {
  /** Epochs change with elections, so there are few; what `before` has passed is left out. */
  const changes: { readonly from: number; readonly epoch: number }[] = []
  if (epoch !== undefined) changes.push({ from: offset - 1, epoch })

  return {
    add(from, epoch) {
      if (epoch >= 0 && changes.at(-1)?.epoch !== epoch) changes.push({ from, epoch })
    },
    before: (offset) => changes.findLast(({ from }) => from < offset)?.epoch,
  }
}
