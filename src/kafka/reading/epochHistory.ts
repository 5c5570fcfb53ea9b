/**
 * Leader epochs of the records read from one partition. Checkpoints and fetches carry the epoch of
 * the last record before their offset: if the log below that offset has been replaced since (an
 * unclean election), the leader detects it by the epoch.
 *
 *   offsets   0 1 2 3 4 5 6 7        before(3): 4    before(4): 4    before(5): 6
 *   epochs    4 4 4 4 6 6 6 6
 */
export interface EpochHistory {
  /** Records from this offset on have this epoch. Call in offset order. */
  add(from: number, epoch: number): void
  /** Epoch of the last record before this offset; undefined if unknown. */
  before(offset: number): number | undefined
}

/** @param epoch of the record before `offset`, from the checkpoint */
export function epochHistory(offset: number, epoch: number | undefined): EpochHistory {
  /** Epochs change only with elections, so entries are few; `before` drops those it has passed. */
  const changes: { readonly from: number; readonly epoch: number }[] = []
  if (epoch !== undefined) changes.push({ from: offset - 1, epoch })

  return {
    add(from, epoch) {
      if (epoch >= 0 && changes.at(-1)?.epoch !== epoch) changes.push({ from, epoch })
    },
    before: (offset) => changes.findLast(({ from }) => from < offset)?.epoch,
  }
}
