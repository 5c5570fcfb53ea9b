/**
 * Snapshots build on one another: each has the keyed state that changed, and names the earlier
 * snapshots needed beside it.
 *
 *   chk-7 (all of a, b)   chk-8 (a changed)   chk-9 (b changed)      chk-9 is read as 7, 8, 9
 *
 * The chain holds what the next snapshot may have to name.
 */

import type { SnapshotRef } from '../contracts/ledger.ts'
import { type CheckpointStorage, readChunks } from '../contracts/storage.ts'
import type { EntryBlock, OperatorState } from '../element.ts'
import type { CheckpointId, Json, OperatorId } from '../record.ts'
import { type Inline, roomBeside, storeUnlessSmall } from './inline.ts'
import { parseSnapshotKey } from './names.ts'
import { type ChainLink, type SnapshotContent, type SnapshotHeader, snapshotMissing } from './snapshot.ts'
import { type ExpectedSnapshot, readSnapshot } from './snapshotReader.ts'
import { writeSnapshot } from './snapshotWriter.ts'

export interface SnapshotChain {
  /** Stores the next snapshot. Calls run one after the other. */
  store(key: string, content: Omit<SnapshotContent, 'base'>): Promise<StoredSnapshot>
}

export interface StoredSnapshot {
  /** Null without state: there is nothing to store. */
  readonly snapshot: SnapshotRef | null
  /** Snapshots that the ledger entry must hold: of this one and those it builds on. */
  readonly inline: Inline
  /** Keys of this one and those it builds on, without those in the entry. */
  readonly keys: ReadonlySet<string>
  /** Stored keys that the snapshot before needed, and this one does not. */
  readonly dropped: readonly string[]
}

/**
 * @param restored the restored snapshot and those it builds on
 * @param held those of them that the ledger entry holds
 */
export function snapshotChain(
  storage: CheckpointStorage,
  restored: readonly ChainLink[],
  held: Inline = {},
): SnapshotChain {
  let chain = restored
  let inline = held
  let stored: ReadonlySet<string> = storedOf(restored.map(({ key }) => key))
  let last: Promise<unknown> = Promise.resolve()

  function storedOf(keys: readonly string[]): ReadonlySet<string> {
    return new Set(keys.filter((key) => !Object.hasOwn(inline, key)))
  }

  async function store(key: string, content: Omit<SnapshotContent, 'base'>): Promise<StoredSnapshot> {
    const base = neededBy(content.states, chain)
    inline = Object.fromEntries(Object.entries(inline).filter(([held]) => base.some((link) => link.key === held)))
    chain = base
    const snapshot = content.states.length === 0 ? null : await write(key, content, base)
    const before = stored
    stored = storedOf([...base.map((link) => link.key), ...(snapshot === null ? [] : [key])])
    return { snapshot, inline, keys: stored, dropped: [...before].filter((one) => !stored.has(one)) }
  }

  async function write(
    key: string,
    content: Omit<SnapshotContent, 'base'>,
    base: readonly ChainLink[],
  ): Promise<SnapshotRef> {
    const snapshot = writeSnapshot({ ...content, base })
    const bytes = await storeUnlessSmall(storage, key, snapshot.chunks, roomBeside(inline, storage.inline ?? 0))
    if (bytes !== null) inline = { ...inline, [key]: bytes.toString('base64') }
    const ref: SnapshotRef = { key, ...snapshot.sum() }
    const operators = snapshot.operators()
    if (operators.length > 0) chain = [...base, { ...ref, operators }]
    return ref
  }

  return {
    store(key, content) {
      // The next snapshot must name this one, so it fails if this one has failed.
      const stored = last.then(() => store(key, content))
      last = stored
      // The caller gets the rejection; `last` is only awaited.
      last.catch(() => undefined)
      return stored
    },
  }
}

/**
 * By operator: a long unchanged operator needs its old snapshots, but none that others made
 * meanwhile.
 */
function neededBy(states: readonly OperatorState[], chain: readonly ChainLink[]): readonly ChainLink[] {
  const since = new Map(states.map(({ operator, entries }) => [operator, entries?.since ?? Infinity]))
  return chain.filter(({ key, operators }) => {
    return operators.some((operator) => checkpointOf(key) >= (since.get(operator) ?? Infinity))
  })
}

/** Checkpoint of a snapshot, from its key. */
export function checkpointOf(key: string): CheckpointId {
  return parseSnapshotKey(key)?.checkpoint ?? 0
}

/** Expected contents of a snapshot, besides its ref. */
export type SnapshotOwner = Pick<ExpectedSnapshot, 'job' | 'shard' | 'lineage'>

export interface RestoredSnapshot {
  readonly header: SnapshotHeader
  readonly states: ReadonlyMap<OperatorId, Json>
  /** The whole chain: what the snapshot builds on, and itself. */
  readonly chain: readonly ChainLink[]
}

/**
 * Reads the last snapshot of a chain, without its entries. Rejects with Corrupted SNAPSHOT_DAMAGED,
 * SNAPSHOT_FOREIGN, SNAPSHOT_NEWER or SNAPSHOT_MISSING.
 */
export async function readStates(
  storage: CheckpointStorage,
  ref: SnapshotRef,
  owner: SnapshotOwner,
): Promise<RestoredSnapshot> {
  const states = new Map<OperatorId, Json>()
  const operators = new Set<OperatorId>()
  const header = await readOne(storage, ref, owner, {
    state: (operator, state) => void states.set(operator, state),
    block: (operator) => void operators.add(operator),
  })
  return { header, states, chain: [...header.base, { ...ref, operators: [...operators] }] }
}

/**
 * Reads the entries of a chain that count, in order. `last` is the snapshot that `header` belongs
 * to.
 *
 * @param wanted whether those of an operator in the snapshot of a checkpoint are; default: all
 */
export async function readEntriesOf(
  storage: CheckpointStorage,
  last: SnapshotRef,
  header: SnapshotHeader,
  load: (operator: OperatorId, block: EntryBlock) => void,
  wanted: (operator: OperatorId, checkpoint: CheckpointId) => boolean = () => true,
): Promise<void> {
  const since = new Map(header.operators.map((one) => [one.operator, one.since]))
  const counts = (operator: OperatorId, checkpoint: CheckpointId): boolean =>
    checkpoint >= (since.get(operator) ?? Infinity) && wanted(operator, checkpoint)
  for (const ref of [...header.base, { ...last, operators: [...since.keys()] }]) {
    const checkpoint = checkpointOf(ref.key)
    if (!ref.operators.some((operator) => counts(operator, checkpoint))) continue
    await readOne(storage, ref, header, {
      block(operator, block) {
        if (counts(operator, checkpoint)) load(operator, block)
      },
    })
  }
}

async function readOne(
  storage: CheckpointStorage,
  ref: SnapshotRef,
  { job, shard, lineage }: SnapshotOwner,
  visitor: Parameters<typeof readSnapshot>[2],
): Promise<SnapshotHeader> {
  const chunks = await readChunks(storage, ref.key)
  if (chunks === null) throw snapshotMissing(storage.place, ref.key)
  const { key, sha256, bytes } = ref
  const place = storage.place
  return readSnapshot(
    chunks,
    { place, key, sha256, bytes, job, shard, lineage, checkpoint: checkpointOf(key) },
    visitor,
  )
}
