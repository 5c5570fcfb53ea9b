/**
 * Divides the keyed state of givers among receivers, as their snapshots are read, entry by entry:
 *
 *   giver 0   a1 b1 c1        receiver 0   a1
 *             ----------->    receiver 1   b1 e1
 *   giver 1   d1 e1           receiver 2   c1 d1
 *
 * Each receiver gets one snapshot that builds on no other, so nobody shares a file with anybody,
 * and after the move nothing is special.
 */
import { Buffer } from 'node:buffer'
import { type RestoredSnapshot, readEntriesOf } from '../../checkpoint/snapshotChain.ts'
import type { SnapshotRef } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { EntryBlock } from '../../element.ts'
import type { Key, OperatorId } from '../../record.ts'
import { readEntries } from '../../state/entries.ts'
import { decodeKey } from '../../state/keys.ts'
import { undecodable } from '../../state/stateSerde.ts'
import type { TableSpec } from '../../state/table.ts'
import type { BlockOf, BlockStream } from './blockStream.ts'
import type { OpenedTables } from './openedTables.ts'
import { slotless } from './slotless.ts'
import { pacedBy } from './wholeSnapshot.ts'

/** Shard that has had slots, and its last snapshot. */
export interface Giver {
  readonly shard: number
  readonly snapshot: SnapshotRef
  readonly restored: RestoredSnapshot
  /** Present name of an operator that has state in the snapshot. */
  readonly name: (operator: OperatorId) => OperatorId
  /** Where the snapshot lies: the storage, or the ledger entry. */
  readonly storage: CheckpointStorage
}

/** Shard that gets slots. */
export interface Receiver {
  readonly shard: number
  /** Giver whose state counts where every shard has the same, such as rules. */
  readonly main: number
  readonly stream: BlockStream
}

export interface SplitParts {
  readonly givers: readonly Giver[]
  readonly receivers: readonly Receiver[]
  readonly tables: OpenedTables
  /** Tables of slots before and after the move. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/**
 * Writes all entries into the streams of their receivers, and ends these. Rejects with Fatal
 * STATE_HAS_NO_SLOT if a key is in a shard that does not have its slot, with Corrupted errors of
 * damaged snapshots, and with Fatal STATE_UNCLAIMED.
 */
export async function splitState({ givers, receivers, tables, before, after }: SplitParts): Promise<void> {
  const byShard = new Map(receivers.map((receiver) => [receiver.shard, receiver]))
  const joined = joinedEntries()

  function take({ shard: giver }: Giver, operator: OperatorId, { table, version, bytes }: EntryBlock): void {
    const spec = tables.spec(operator, table)
    if (spec === undefined) return
    const slotOf = tables.keySlots(operator)?.slotOf ?? (() => slotlessKeys(operator))
    const of = { operator, table, version }
    const mine = receivers.filter(({ main }) => main === giver)
    readEntries(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (key, sub, value) => {
      const owner = ownerOf(spec, key, sub)
      if (owner === null && spec.join !== undefined) joined.add(of, spec, key, value)
      else if (owner === null) for (const { stream } of mine) stream.write(of, key, sub, value)
      else {
        const slot = slotOf(owner)
        if (before[slot] !== giver)
          throw slotless(operator, `shard ${giver} has a key of slot ${slot}, which belongs to shard ${before[slot]}`)
        byShard.get(after[slot] as number)?.stream.write(of, key, sub, value)
      }
    })
  }

  for (const giver of givers) {
    const { storage, snapshot, restored } = giver
    const paced = pacedBy(storage, () => Promise.all(receivers.map(({ stream }) => stream.room())))
    await readEntriesOf(paced, snapshot, restored.header, (former, block) => {
      const operator = giver.name(former)
      try {
        take(giver, operator, block)
      } catch (thrown) {
        throw undecodable(operator, block.table, thrown)
      }
    })
  }
  for (const { stream } of receivers) {
    joined.writeTo(stream)
    stream.end()
  }
}

function ownerOf({ ownerOf }: TableSpec<unknown>, key: Buffer, sub: Buffer): Key | null {
  const own = decodeKey(key)
  return ownerOf === undefined ? own : ownerOf(own, () => decodeKey(sub))
}

function slotlessKeys(operator: OperatorId): never {
  throw slotless(operator, 'equal keys may be in several shards')
}

/** Entries of no key whose values are joined: few, so they wait in memory. */
function joinedEntries() {
  interface Joined {
    readonly of: BlockOf
    readonly key: Buffer
    readonly spec: TableSpec<unknown>
    readonly value: unknown
  }
  const all = new Map<string, Joined>()
  return {
    add(of: BlockOf, spec: TableSpec<unknown>, key: Buffer, bytes: Buffer | null | undefined): void {
      if (bytes === undefined) return
      const name = JSON.stringify([of.operator, of.table])
      const value = spec.serde.decode(bytes)
      const before = all.get(name)
      const joined = before === undefined ? value : spec.join?.(before.value, value)
      all.set(name, { of, key: Buffer.from(key), spec, value: joined })
    },
    writeTo(stream: BlockStream): void {
      for (const { of, key, spec, value } of all.values()) {
        stream.write(of, key, Buffer.alloc(0), spec.serde.encode(value))
      }
    },
  }
}
