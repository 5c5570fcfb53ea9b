/**
 * Writes the state of a checkpoint as one new snapshot that builds on no other: under other names
 * of operators, or for another lineage. Afterwards nothing is special: no later snapshot builds on
 * one with former names, and none belongs to two lineages. That costs writing the state once.
 */
import { storeUnlessSmall } from '../../checkpoint/inline.ts'
import { heldIn } from '../../checkpoint/ledgerCodec.ts'
import { snapshotKey } from '../../checkpoint/names.ts'
import type { SnapshotHeader } from '../../checkpoint/snapshot.ts'
import { readEntriesOf, readStates, type SnapshotOwner } from '../../checkpoint/snapshotChain.ts'
import { writeBlocks } from '../../checkpoint/snapshotWriter.ts'
import type { LedgerEntry, SnapshotRef } from '../../contracts/ledger.ts'
import { type CheckpointStorage, readingThrough } from '../../contracts/storage.ts'
import { FatalError } from '../../errors.ts'
import type { OperatorId } from '../../record.ts'
import { readEntries } from '../../state/entries.ts'
import { blockStream } from '../rescale/blockStream.ts'
import { type JobChange, presentNames } from './jobChange.ts'

/** Snapshot of an older version, or of another lineage. */
export interface FormerSnapshot {
  /** Where it lies. */
  readonly storage: CheckpointStorage
  readonly snapshot: SnapshotRef
  readonly owner: SnapshotOwner
}

export type NewHeader = Omit<SnapshotHeader, 'base' | 'operators'>

/** What an entry says of its snapshot. */
export type Rewritten = Pick<LedgerEntry, 'snapshot' | 'inline'>

/**
 * @param given where it is stored
 * @param check called with each operator that has state in it, under its present name; may throw
 */
export async function rewrittenSnapshot(
  given: CheckpointStorage,
  { storage: from, snapshot, owner }: FormerSnapshot,
  header: NewHeader,
  change: JobChange,
  check: (operator: OperatorId) => void = () => undefined,
): Promise<Rewritten> {
  const restored = await readStates(from, snapshot, owner)
  const name = presentNames(change, idsOf(restored))
  const operators = restored.header.operators.map(({ operator }) => name(operator))
  for (const operator of operators) check(operator)
  const states = [...restored.states].map(([operator, state]) => ({ operator: name(operator), state }))
  const stream = blockStream()
  const paced = readingThrough(from, (chunks) => pacedBy(chunks, () => stream.room()))
  const all = operators.map((operator) => ({ operator, since: header.checkpoint }))
  const { chunks, sum } = writeBlocks({ ...header, base: [], operators: all }, states, stream.blocks)
  const key = snapshotKey(header.job, header.shard, header.checkpoint, header.attempt)
  const storage = given.inLedger ? onlySmall(given) : given
  const storing = storeUnlessSmall(storage, key, chunks, storage.inline ?? 0).catch((thrown) => {
    stream.abandon()
    throw thrown
  })
  const reading = readEntriesOf(paced, snapshot, restored.header, (operator, { table, version, bytes }) => {
    const of = { operator: name(operator), table, version }
    readEntries(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (key, sub, value) => {
      stream.write(of, key, sub, value)
    })
  }).then(stream.end, (thrown) => {
    stream.fail(thrown)
    throw thrown
  })
  const [read, stored] = await Promise.allSettled([reading, storing])
  if (read.status === 'rejected') throw read.reason
  if (stored.status === 'rejected') throw stored.reason
  const held = stored.value === null ? {} : { [key]: stored.value.toString('base64') }
  return { snapshot: { key, ...sum() }, ...heldIn(held) }
}

/** Whether the present version names an operator differently than this snapshot does. */
export function isRenamed(restored: Parameters<typeof idsOf>[0], change: JobChange): boolean {
  const ids = idsOf(restored)
  const name = presentNames(change, ids)
  return ids.some((id) => name(id) !== id)
}

function idsOf({
  states,
  header,
}: {
  readonly states: ReadonlyMap<OperatorId, unknown>
  readonly header: Pick<SnapshotHeader, 'operators'>
}): readonly OperatorId[] {
  return [...new Set([...states.keys(), ...header.operators.map(({ operator }) => operator)])]
}

async function* pacedBy(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  room: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await room()
    yield chunk
  }
}

/** Outside of the transaction of a checkpoint, a ledger takes only what its entry holds. */
function onlySmall(given: CheckpointStorage): CheckpointStorage {
  const refuse = () => Promise.reject(tooLarge())
  return Object.assign(Object.create(given) as CheckpointStorage, { write: refuse, put: refuse })
}

function tooLarge(): FatalError {
  return new FatalError('STATE_CANNOT_MOVE', 'the state lies in the ledger, and is too large to be written anew', {
    hint: 'With ledgerStorage(), only small state can get other names of operators so far. Nothing was written; the previous version still starts',
  })
}
