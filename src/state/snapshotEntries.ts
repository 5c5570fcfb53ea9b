/**
 * Entries that one operator adds to one snapshot: changes since the previous one, and a part of the
 * sweep (table.ts).
 *
 * A small table is written whole whenever it has changed, so that small jobs have one file and not
 * a chain. Of a larger table, as many entries are checked as have changed (of values half as many,
 * since changed ones are passed over) plus 1/64 of the table: a sweep ends after at most 64
 * checkpoints, however fast the table grows, and a chain has at most twice as many files. An
 * unchanged table takes part, too, once the others have gone on for that long; if nothing has
 * changed at all, nothing is written.
 */
import type { EntryBlock, StateEntries } from '../element.ts'
import type { CheckpointId } from '../record.ts'
import { freeze, type SweptTable } from './freeze.ts'

/** Bytes of one block, written without yielding to other work. */
const blockBytes = 64 * 1024
/**
 * Entries of one block, since small ones take time too. An entry that is looked at and not written
 * counts as a quarter; so a block may be empty.
 */
const blockEntries = 2_048
const lookedAt = 0.25

export interface RushedEntries extends StateEntries {
  /** Makes all remaining blocks, after which the tables may freeze again. */
  rush(): void
}

/**
 * Freezes the tables now.
 *
 * @param flush makes what was saved beside memory readable there
 * @param written called once all blocks are made
 */
export function snapshotEntries(
  checkpoint: CheckpointId,
  tables: readonly SweptTable[],
  flush: () => void,
  written: () => void,
): RushedEntries {
  const active = tables.some(({ table }) => table.changed > 0)
  const plans = tables.map((swept) => ({ swept, clean: freeze(swept, checkpoint, active) }))
  const since = Math.min(...tables.map((swept) => swept.since), Infinity)
  function* made(): Generator<EntryBlock> {
    for (const { swept, clean } of plans) yield* tableBlocks(swept, clean, checkpoint, flush)
    written()
  }
  const blocks = made()
  const rushed: EntryBlock[] = []
  return {
    since,
    *blocks() {
      yield* blocks
      yield* rushed
    },
    rush() {
      for (const block of blocks) rushed.push(block)
    },
  }
}

function* tableBlocks(
  swept: SweptTable,
  clean: number,
  checkpoint: CheckpointId,
  flush: () => void,
): Generator<EntryBlock> {
  const { table } = swept
  const whole = (): EntryBlock => {
    flush()
    table.evict()
    return { table: table.name, version: table.version, bytes: table.out.take() }
  }
  let entries = 0
  let before = 0
  /** Checked after each entry: true to yield to other work. */
  const isFull = (): boolean => {
    entries += table.out.size > before ? 1 : lookedAt
    before = table.out.size
    if (before < blockBytes && entries < blockEntries) return false
    entries = 0
    before = 0
    return true
  }
  while (table.frozen > 0) {
    table.writeFrozen()
    if (isFull()) yield whole()
  }
  // The sweep reads the backing, which must have what was just written.
  flush()
  for (let left = clean; left > 0; left--) {
    swept.begun ??= checkpoint
    if (!table.writeClean()) {
      swept.since = Math.max(swept.since, swept.begun)
      swept.begun = null
      break
    }
    if (isFull()) yield whole()
  }
  if (table.out.size > 0) yield whole()
}
