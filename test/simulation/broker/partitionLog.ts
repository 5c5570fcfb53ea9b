/**
 * The log of one partition on one replica: batches with offsets, transactions that are open in it, aborted ranges, the
 * last stable offset. Who has which log, and what is replicated, is led.ts's business.
 */
import { marker } from '../../kafka/batch/markers.ts'
import { type BatchHeader, batchHeader, stamped } from './batchHeader.ts'
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
  /** What was before it has been deleted. */
  readonly start: number
  readonly end: number
  readonly lastStable: number
  isOpen(producerId: number, epoch: number): boolean
  /** Transactions that are open in it. */
  readonly open: readonly Part[]
  /** Answers the offset, of the earlier append if this one is a repetition, or an error. */
  append(records: Buffer, leaderEpoch?: number): { readonly errorCode: number; readonly baseOffset: number }
  /** What a coordinator writes at the end of a transaction. False: a newer epoch has been here. */
  mark(producerId: number, epoch: number, committed: boolean, leaderEpoch?: number): boolean
  /** Deletes all that is there; offsets go on. */
  empty(): void
  /** Another replica with the same content, which goes its own way from now on. */
  copy(): PartitionLog
}

export function partitionLog(
  batches: StoredBatch[] = [],
  aborted: Aborted[] = [],
  open = new Map<number, Part>(),
  books = producers(),
  first = 0,
): PartitionLog {
  let start = first
  let end = Math.max(start, (batches.at(-1)?.lastOffset ?? -1) + 1)

  function store(bytes: Buffer, header: BatchHeader, part: Part | null, leaderEpoch: number): number {
    const baseOffset = end
    const lastOffset = baseOffset + header.lastOffsetDelta
    batches.push({ ...header, bytes: stamped(bytes, baseOffset, leaderEpoch), baseOffset, lastOffset, part })
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
    get start() {
      return start
    },
    get end() {
      return end
    },
    get lastStable() {
      let least = end
      for (const { firstOffset } of open.values()) least = Math.min(least, firstOffset)
      return least
    },
    get open() {
      return [...open.values()]
    },
    isOpen: (producerId, epoch) => open.has(producerId) && books.epochOf(producerId) === epoch,
    append(records, leaderEpoch = 0) {
      const header = batchHeader(records)
      if (header === null) return { errorCode: errors.corruptMessage, baseOffset: -1 }
      const verdict = books.check(header)
      if (verdict.errorCode !== 0 || verdict.duplicateOf !== null) {
        return { errorCode: verdict.errorCode, baseOffset: verdict.duplicateOf ?? -1 }
      }
      const part = header.transactional ? partOf(header.producerId) : null
      const baseOffset = store(records, header, part, leaderEpoch)
      books.appended(header, baseOffset)
      return { errorCode: 0, baseOffset }
    },
    mark(producerId, epoch, committed, leaderEpoch = 0) {
      if (epoch < books.epochOf(producerId)) return false
      const part = open.get(producerId)
      const bytes = marker(0, producerId, committed ? 'commit' : 'abort')
      const at = store(bytes, markerHeader(producerId, epoch), null, leaderEpoch)
      books.marked(producerId, epoch)
      if (part === undefined) return true
      part.outcome = committed ? 'committed' : 'aborted'
      open.delete(producerId)
      if (!committed) aborted.push({ producerId, firstOffset: part.firstOffset, lastOffset: at })
      return true
    },
    empty() {
      batches.length = aborted.length = 0
      start = end
    },
    copy: () => partitionLog([...batches], [...aborted], new Map(open), books.copy(), start),
  }
}

function markerHeader(producerId: number, producerEpoch: number): BatchHeader {
  const nothing = { baseSequence: -1, lastSequence: -1, lastOffsetDelta: 0 }
  return { producerId, producerEpoch, transactional: true, control: true, ...nothing }
}
