/**
 * Freezes a table at a barrier: changes up to now belong to the snapshot, without a copy
 * (table.ts), and so do some unchanged entries, by the progress of the round (snapshotEntries.ts).
 */
import type { CheckpointId } from '../record.ts'
import type { SnapshotTable } from './table.ts'

/** Table with the progress of its rounds. */
export interface RoundedTable {
  readonly table: SnapshotTable
  /** The oldest checkpoint whose entries are needed beside those of the next one. */
  since: CheckpointId
  /** The checkpoint in which the round under way has begun; null: none is. */
  begun: CheckpointId | null
}

/**
 * Size up to which a table is written whole, and least part of a larger one in a snapshot, bytes.
 */
const smallBytes = 64 * 1024
/** Largest number of checkpoints in a round. */
const longest = 64
/**
 * Returns the number of unchanged entries to write.
 *
 * @param active whether any state of the operator has changed
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
  // Frozen as a whole: what changes between now and its turn must not be missing. The round under
  // way is given up.
  table.restartRound()
  table.freeze(true)
  rounded.since = checkpoint
  rounded.begun = null
  return 0
}
