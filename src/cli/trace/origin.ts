/** The checkpoint of a transaction, and the input between it and the one before. */
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { WrittenBy } from './writtenBy.ts'

/** Entry of the ledger with the producer that wrote it. */
export interface WrittenEntry {
  readonly shard: number
  readonly producerId: number
  readonly producerEpoch: number
  /** ms since the epoch, by the broker's clock. */
  readonly writtenAt: number
  readonly entry: LedgerEntry
}

export interface Origin {
  readonly shard: number
  readonly checkpoint: number
  /** Execution that committed it. */
  readonly owner: string
  /** ms since the epoch. */
  readonly committedAt: number
  /**
   * Whether the ledger still has the entry of the checkpoint before. Otherwise the input begins
   * further back than that of this checkpoint alone.
   */
  readonly exact: boolean
  readonly input: readonly InputRange[]
}

/** Offsets that the checkpoint has read from a partition; `to` is exclusive. */
export interface InputRange {
  readonly source: string
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly to: number
}

/**
 * Null if the ledger has no such entry: it has compacted it, or another producer has written the
 * record.
 *
 * @param entries in the order of each shard's ledger
 */
export function originOf(written: WrittenBy, entries: readonly WrittenEntry[]): Origin | null {
  const { producerId, producerEpoch, committedAt } = written
  // In protocol v2 each transaction has an epoch of its own; in v1 the next one of a producer
  // begins after the markers of the one before.
  const own = entries.filter((one) => one.producerId === producerId && one.producerEpoch === producerEpoch)
  const found = own.findLast(({ writtenAt }) => writtenAt <= committedAt) ?? (own.length === 1 ? own[0] : undefined)
  if (found === undefined) return null
  const { shard, entry } = found
  const { checkpoint, owner } = entry
  const earlier = entries.filter((one) => one.shard === shard && one.entry.checkpoint < checkpoint)
  const before = earlier.at(-1)?.entry
  return {
    ...{ shard, checkpoint, owner, committedAt },
    exact: before?.checkpoint === checkpoint - 1,
    input: rangesBetween(before, entry),
  }
}

function rangesBetween(before: LedgerEntry | undefined, entry: LedgerEntry): readonly InputRange[] {
  return entry.positions.flatMap(({ source, splits }) => {
    const old = before?.positions.find((position) => position.source === source)?.splits ?? []
    return splits.flatMap(({ topic, partition, offset: to }) => {
      const from = old.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0
      return from === to ? [] : [{ source, topic, partition, from, to }]
    })
  })
}
