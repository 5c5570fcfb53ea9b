/**
 * Freezes a table at a barrier: changes so far belong to the snapshot, without a copy (table.ts),
 * and so do as many unchanged entries as the sweep is due (snapshotEntries.ts).
 */
import type { CheckpointId } from '../record.ts'
import type { SnapshotTable } from './table.ts'

/** A table with the progress of its sweeps. */
export interface SweptTable {
  readonly table: SnapshotTable
  /** Oldest checkpoint whose entries the next one still needs. */
  since: CheckpointId
  /** Checkpoint in which the current sweep began; null if there is none. */
  begun: CheckpointId | null
}

/**
 * A table up to this size is written whole; of a larger one, at least as many unchanged bytes,
 * bytes.
 */
const smallBytes = 64 * 1024
/** Longest sweep, in checkpoints. */
const longest = 64
/**
 * Returns the number of unchanged entries to write.
 *
 * @param active true if something of the operator has changed
 */
export function freeze(swept: SweptTable, checkpoint: CheckpointId, active: boolean): number {
  const { table } = swept
  const { size, changed } = table
  const few = Math.max(1, Math.floor(smallBytes / table.out.mean))
  const due = changed > 0 || (active && checkpoint - swept.since >= longest)
  if (size > few || !(due || size === 0)) {
    table.freeze(false)
    return due ? Math.ceil(Math.max(few, table.frozen * table.pace + size / longest)) : 0
  }
  // Frozen as a whole, which gives up the current sweep: entries that change before their turn must
  // not be missing.
  table.restartSweep()
  table.freeze(true)
  swept.since = checkpoint
  swept.begun = null
  return 0
}
