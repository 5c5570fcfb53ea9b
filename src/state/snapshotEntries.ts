/**
 * The entries that one operator adds to one snapshot: what has changed since the one before, and a part of the round (table.ts).
 *
 * A small table is written whole each time that something in it has changed, so that small jobs have one file and not a chain of them. Of a larger
 * one at least 1/64 goes along, so that a round ends after 64 checkpoints at the latest, and a chain has at most twice as many files.
 */
import type { CheckpointId, EntryBlock, StateEntries } from '../element.ts'
import type { SnapshotTable } from './table.ts'

/** A table with what its rounds have come to. */
export interface RoundedTable {
  readonly table: SnapshotTable
  /** The oldest checkpoint whose entries are needed beside those of the next one. */
  since: CheckpointId
  /** The checkpoint in which the round under way has begun; null: none is. */
  begun: CheckpointId | null
}

/** Entries of a table that is written whole. */
const small = 1_000
/** Of a larger table, this part goes along at least. */
const part = 1 / 64
/** Bytes of one block: what is written without letting anybody else have a turn. */
const blockBytes = 64 * 1024

export interface RushedEntries extends StateEntries {
  /** Makes the blocks that have not been taken yet: the tables may then freeze again. */
  rush(): void
}

/**
 * Freezes the tables now.
 * @param flush what was saved beside memory must be readable there
 * @param written called once all blocks are made
 */
export function snapshotEntries(
  checkpoint: CheckpointId,
  tables: readonly RoundedTable[],
  flush: () => void,
  written: () => void,
): RushedEntries {
  const plans = tables.map((rounded) => plan(rounded, checkpoint))
  function* made(): Generator<EntryBlock> {
    for (const { rounded, clean } of plans) yield* tableBlocks(rounded, clean, checkpoint, flush)
    written()
  }
  const blocks = made()
  const rushed: EntryBlock[] = []
  return {
    since: Math.min(...tables.map(({ since }) => since), Infinity),
    *blocks() {
      yield* blocks
      yield* rushed
    },
    rush() {
      for (const block of blocks) rushed.push(block)
    },
  }
}

/** How many entries that have not changed go along. */
function plan(rounded: RoundedTable, checkpoint: CheckpointId) {
  const { table } = rounded
  table.freeze()
  const { frozen, size } = table
  if (frozen === 0 && size > 0) return { rounded, clean: 0 }
  if (size > small) return { rounded, clean: Math.ceil(Math.max(small, frozen, size * part)) }
  // The round under way is given up for one that begins and ends here.
  table.restartRound()
  rounded.since = checkpoint
  rounded.begun = checkpoint
  return { rounded, clean: Infinity }
}

function* tableBlocks(
  rounded: RoundedTable,
  clean: number,
  checkpoint: CheckpointId,
  flush: () => void,
): Generator<EntryBlock> {
  const { table } = rounded
  const whole = (): EntryBlock => {
    flush()
    return { table: table.name, version: table.version, bytes: table.out.take() }
  }
  while (table.frozen > 0) {
    table.writeFrozen()
    if (table.out.size >= blockBytes) yield whole()
  }
  // The round reads what is beside memory, and must find there what has just been written.
  flush()
  for (let left = clean; left > 0; left--) {
    rounded.begun ??= checkpoint
    if (!table.writeClean()) {
      rounded.since = Math.max(rounded.since, rounded.begun)
      rounded.begun = null
      break
    }
    if (table.out.size >= blockBytes) yield whole()
  }
  if (table.out.size > 0) yield whole()
  table.evict()
}
