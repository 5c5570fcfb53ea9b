/** Loads keyed state from a chain of snapshots, all of it or what is not loaded yet. */
import { checkpointOf, type RestoredSnapshot, readEntriesOf } from '../checkpoint/snapshotChain.ts'
import type { SnapshotRef } from '../contracts/ledger.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import type { StateTables } from '../state/store.ts'

/** State that has been loaded ahead of a takeover. */
export interface LoadedState {
  readonly tables: StateTables
  /** The checkpoint whose state it is. */
  readonly checkpoint: CheckpointId
  /** Keys of its chain of snapshots. */
  readonly keys: ReadonlySet<string>
}

/**
 * Operators whose loaded state a later chain continues: what it adds is all that has changed since.
 *
 *   loaded   chk-3 chk-4 ... chk-9
 *   chain          chk-4 ... chk-9 chk-10 chk-11     since 4: continued by chk-10 and chk-11
 *                                  chk-10 chk-11     since 10: what was removed before is not there
 */
export function continued({ checkpoint, keys }: LoadedState, { header, chain }: RestoredSnapshot): Set<OperatorId> {
  const others = chain.some(({ key }) => checkpointOf(key) <= checkpoint && !keys.has(key))
  const its = others ? [] : header.operators.filter(({ since }) => since <= checkpoint)
  return new Set(its.map(({ operator }) => operator))
}

/**
 * Loads what a chain has of the operators that are open.
 *
 * @param keeping operators that have been loaded up to checkpoint `loaded`
 */
export async function loadEntries(
  states: StateTables,
  storage: CheckpointStorage,
  snapshot: SnapshotRef,
  { header }: RestoredSnapshot,
  keeping: ReadonlySet<OperatorId> = new Set(),
  loaded: CheckpointId = 0,
): Promise<void> {
  const claimed = new Set(header.operators.map(({ operator }) => operator).filter(states.claims))
  if (claimed.size === 0) return
  const isNew = (operator: OperatorId, checkpoint: CheckpointId): boolean =>
    claimed.has(operator) && (checkpoint > loaded || !keeping.has(operator))
  await readEntriesOf(storage, snapshot, header, states.load, isNew)
}
