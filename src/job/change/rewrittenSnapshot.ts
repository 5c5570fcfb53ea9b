/**
 * Writes the state of a checkpoint as one new snapshot that builds on no other: under other names
 * of operators, or for another lineage. Afterwards nothing is special: no later snapshot builds on
 * one with former names, and none belongs to two lineages. That costs writing the state once.
 */
import { readEntriesOf, readStates, type SnapshotOwner } from '../../checkpoint/snapshotChain.ts'
import type { SnapshotRef } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { OperatorId } from '../../record.ts'
import { readEntries } from '../../state/entries.ts'
import { blockStream } from '../rescale/blockStream.ts'
import { pacedBy, type StoredWhole, type WholeHeader, wholeSnapshot } from '../rescale/wholeSnapshot.ts'
import { type JobChange, type NamedStates, operatorsIn, presentNamesIn } from './jobChange.ts'

/** Snapshot of an older version, or of another lineage. */
export interface FormerSnapshot {
  /** Where it lies. */
  readonly storage: CheckpointStorage
  readonly snapshot: SnapshotRef
  readonly owner: SnapshotOwner
}

/**
 * @param storage where it is stored
 * @param check called with each operator that has state in it, under its present name; may throw
 */
export async function rewrittenSnapshot(
  storage: CheckpointStorage,
  { storage: from, snapshot, owner }: FormerSnapshot,
  header: WholeHeader,
  change: JobChange,
  check: (operator: OperatorId) => void = () => undefined,
): Promise<StoredWhole> {
  const restored = await readStates(from, snapshot, owner)
  const name = presentNamesIn(change, restored)
  const operators = restored.header.operators.map(({ operator }) => name(operator))
  for (const operator of operators) check(operator)
  const states = new Map([...restored.states].map(([operator, state]) => [name(operator), state]))
  const stream = blockStream()
  const storing = wholeSnapshot(storage, header, operators, states, stream)
  const reading = readEntriesOf(
    pacedBy(from, stream.room),
    snapshot,
    restored.header,
    (operator, { table, version, bytes }) => {
      const of = { operator: name(operator), table, version }
      readEntries(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (key, sub, value) => {
        stream.write(of, key, sub, value)
      })
    },
  ).then(stream.end, (thrown) => {
    stream.fail(thrown)
    throw thrown
  })
  const [read, stored] = await Promise.allSettled([reading, storing])
  if (read.status === 'rejected') throw read.reason
  if (stored.status === 'rejected') throw stored.reason
  return stored.value
}

/** Whether the present version names an operator differently than this snapshot does. */
export function isRenamed(restored: NamedStates, change: JobChange): boolean {
  const name = presentNamesIn(change, restored)
  return operatorsIn(restored).some((id) => name(id) !== id)
}
