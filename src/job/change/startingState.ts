/** State from which an attempt starts: as it stands, or written anew under other names. */
import { withInline } from '../../checkpoint/inline.ts'
import { type RestoredSnapshot, readStates } from '../../checkpoint/snapshotChain.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { OwnedAttempt } from '../attemptContext.ts'
import { unchanged } from './jobChange.ts'
import { isRenamed, rewrittenSnapshot } from './rewrittenSnapshot.ts'

/** Entry of a shard in another history. */
export interface FormerEntry {
  readonly job: string
  readonly entry: LedgerEntry
  /** Where its snapshots lie. */
  readonly storage: CheckpointStorage
}

export interface FormerState {
  /** Entry from which the attempt continues. */
  readonly entry: LedgerEntry
  /** True if the ledger does not have it yet: it is genesis, or is changed. */
  readonly isNew: boolean
  /** Lineage that begins with it; null: none. */
  readonly begins: string | null
  /** Where a lineage that begins has its state from; null: from nothing. */
  readonly start: FormerEntry | null
}

export interface StartingState extends Pick<FormerState, 'entry' | 'isNew'> {
  readonly restored: RestoredSnapshot | null
}

export async function startingState(
  attempt: Pick<OwnedAttempt, 'job' | 'shard' | 'attempt' | 'change' | 'execution'>,
  storage: CheckpointStorage,
  { entry, isNew, begins, start }: FormerState,
): Promise<StartingState> {
  const { job, shard, change = unchanged } = attempt
  const { snapshot } = entry
  const lineage = begins ?? entry.lineage
  const from = start?.storage ?? withInline(storage, entry.inline)
  const owner = { job: start?.job ?? job, shard, lineage: entry.lineage }
  if (snapshot === null)
    return { entry: start === null ? entry : begun(entry, lineage, attempt), isNew, restored: null }
  if (start === null) {
    const restored = await readStates(from, snapshot, owner)
    if (!isRenamed(restored, change)) return { entry, isNew, restored }
  }
  // The number of the checkpoint rises, as that of every snapshot of a history.
  const header = { job, shard, lineage, checkpoint: entry.checkpoint + 1, attempt: attempt.attempt }
  const former = { storage: from, snapshot, owner }
  const rewritten = await rewrittenSnapshot(storage, former, header, change)
  const { inline: _inline, records: _records, ...rest } = begun(entry, lineage, attempt)
  const next: LedgerEntry = { ...rest, ...rewritten, handles: {}, checkpoint: header.checkpoint }
  const restored = await readStates(
    withInline(storage, next.inline),
    next.snapshot as NonNullable<typeof snapshot>,
    header,
  )
  return { entry: next, isNew: true, restored }
}

/** The entry as the first one of a lineage, unless it belongs to it already. */
function begun(entry: LedgerEntry, lineage: string, { execution }: Pick<OwnedAttempt, 'execution'>): LedgerEntry {
  if (entry.lineage === lineage) return entry
  const { checkpoint, snapshot, inline, positions } = entry
  const held = inline === undefined ? {} : { inline }
  return { lineage, checkpoint, snapshot, ...held, positions, handles: {}, owner: execution }
}
