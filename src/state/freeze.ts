/**
 * Freezes a table at a barrier: changes so far belong to the snapshot, without a copy (table.ts),
 * and so do as many unchanged entries as the round is due (snapshotEntries.ts).
 */
import type { CheckpointId } from '../record.ts'
import type { SnapshotTable } from './table.ts'

/** A table with the progress of its rounds. */
export interface RoundedTable {
  readonly table: SnapshotTable
  /** Oldest checkpoint whose entries the next one still needs. */
  since: CheckpointId
  /** Checkpoint in which the current round began; null if there is none. */
  begun: CheckpointId | null
}

/**
 * A table up to this size is written whole; of a larger one, at least as many unchanged bytes,
 * bytes.
 */
const smallBytes = 64 * 1024
/** Longest round, in checkpoints. */
const longest = 64
/**
 * Returns the number of unchanged entries to write.
 *
 * @param active true if something of the operator has changed
 */
export function freeze(rounded: RoundedTable, checkpoint: CheckpointId, active: boolean): number {
  const { table } = rounded
  const { size, changed } = table
  const few = Math.max(1, Math.floor(smallBytes / table.out.mean))
  const due = changed > 0 || (active && checkpoint - rounded.since >= longest)
  if (size > few || !(due || size === 0)) {
    table.freeze(false)
    return due ? Math.ceil(Math.max(few, table.frozen * table.pace + size / longest)) : 0
  }
  // Frozen as a whole, which gives up the current round: entries that change before their turn must
  // not be missing.
  table.restartRound()
  table.freeze(true)
  rounded.since = checkpoint
  rounded.begun = null
  return 0
}
