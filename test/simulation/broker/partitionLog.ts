/**
 * The log of one partition as its leader keeps it: batches with offsets, transactions that are open in it, aborted ranges, the last
 * stable offset. What is appended is replicated at once: that acked data survives a broker is the cluster's promise, not under test.
 */
import { marker } from '../../kafka/batch/markers.ts'
import { type BatchHeader, batchHeader, withBaseOffset } from './batchHeader.ts'
import { errors } from './errors.ts'
import { type Producers, producers } from './producers.ts'

/** One transaction as far as it reaches into a partition. What became of it is known to nobody but the simulation. */
export interface Part {
  readonly producerId: number
  readonly firstOffset: number
  outcome: 'open' | 'committed' | 'aborted'
}

export interface StoredBatch extends BatchHeader {
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
  /** null: not transactional, or a marker. */
  readonly part: Part | null
}

export interface Aborted {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
}

export interface PartitionLog {
  readonly batches: readonly StoredBatch[]
  /** In the order in which they were aborted, as the broker's index has them. */
  readonly aborted: readonly Aborted[]
  readonly producers: Producers
  readonly end: number
  readonly lastStable: number
  isOpen(producerId: number, epoch: number): boolean
  /** Answers the offset, of the earlier append if this one is a repetition, or an error. */
  append(records: Buffer): { readonly errorCode: number; readonly baseOffset: number }
  /** What a coordinator writes at the end of a transaction. False: a newer epoch has been here. */
  mark(producerId: number, epoch: number, committed: boolean): boolean
}

export function partitionLog(): PartitionLog {
  const batches: StoredBatch[] = []
  const aborted: Aborted[] = []
  const open = new Map<number, Part>()
  const books = producers()
  let end = 0

  function store(bytes: Buffer, header: BatchHeader, part: Part | null): number {
    const baseOffset = end
    const lastOffset = baseOffset + header.lastOffsetDelta
    batches.push({ ...header, bytes: withBaseOffset(bytes, baseOffset), baseOffset, lastOffset, part })
    end = lastOffset + 1
    return baseOffset
  }

  function partOf(producerId: number): Part {
    const found = open.get(producerId) ?? { producerId, firstOffset: end, outcome: 'open' }
    open.set(producerId, found)
    return found
  }

  return {
    batches,
    aborted,
    producers: books,
    get end() {
      return end
    },
    get lastStable() {
      let least = end
      for (const { firstOffset } of open.values()) least = Math.min(least, firstOffset)
      return least
    },
    isOpen: (producerId, epoch) => open.has(producerId) && books.epochOf(producerId) === epoch,
    append(records) {
      const header = batchHeader(records)
      if (header === null) return { errorCode: errors.corruptMessage, baseOffset: -1 }
      const verdict = books.check(header)
      if (verdict.errorCode !== 0 || verdict.duplicateOf !== null) {
        return { errorCode: verdict.errorCode, baseOffset: verdict.duplicateOf ?? -1 }
      }
      const baseOffset = store(records, header, header.transactional ? partOf(header.producerId) : null)
      books.appended(header, baseOffset)
      return { errorCode: 0, baseOffset }
    },
    mark(producerId, epoch, committed) {
      if (epoch < books.epochOf(producerId)) return false
      const part = open.get(producerId)
      const at = store(marker(0, producerId, committed ? 'commit' : 'abort'), markerHeader(producerId, epoch), null)
      books.marked(producerId, epoch)
      if (part === undefined) return true
      part.outcome = committed ? 'committed' : 'aborted'
      open.delete(producerId)
      if (!committed) aborted.push({ producerId, firstOffset: part.firstOffset, lastOffset: at })
      return true
    },
  }
}

function markerHeader(producerId: number, producerEpoch: number): BatchHeader {
  const nothing = { baseSequence: -1, lastSequence: -1, lastOffsetDelta: 0 }
  return { producerId, producerEpoch, transactional: true, control: true, ...nothing }
}
