/**
 * Freezes a table at a barrier: what has changed up to now belongs to the snapshot, without a copy
 * (table.ts), and as many unchanged entries go along as the round has come to (snapshotEntries.ts).
 */
import type { CheckpointId } from '../record.ts'
import type { SnapshotTable } from './table.ts'

/** A table with what its rounds have come to. */
export interface RoundedTable {
  readonly table: SnapshotTable
  /** The oldest checkpoint whose entries are needed beside those of the next one. */
  since: CheckpointId
  /** The checkpoint in which the round under way has begun; null: none is. */
  begun: CheckpointId | null
}

/** Bytes of a table that is written whole, and what goes along of a larger one at least. */
const smallBytes = 64 * 1024
/** How many checkpoints a round may take. */
const longest = 64
/**
 * How many entries that have not changed go along.
 * @param active something of the operator has changed
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
