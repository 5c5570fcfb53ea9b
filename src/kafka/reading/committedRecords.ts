/**
 * What a read_committed reader sees of one fetched partition: no aborted records, no control
 * records, nothing before its position.
 */
import type { RxweftError } from '../../errors.ts'
import { abortedFilter } from '../batch/abortedFilter.ts'
import { type RecordBatch, type RecordCursor, readBatches } from '../batch/readBatches.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'

/**
 * Receives a batch that cannot be read, or the rest of it, from this offset on. Throws where that
 * ends the reading.
 */
export type RefuseBatch = (batch: RecordBatch, from: number, error: RxweftError) => void

/**
 * Calls `each` for every committed record from `position` on; the cursor must not be kept. Returns
 * the position behind all that was fetched, also where it was aborted or markers. Throws Corrupted
 * BATCH_DAMAGED, and what `each` throws.
 *
 * @param batches what `fetched` consists of, for who has read it already
 * @param refuse default: throws the error
 */
export function committedRecords(
  fetched: FetchedPartition,
  position: number,
  each: (record: RecordCursor) => void,
  batches?: Iterable<RecordBatch>,
  refuse?: RefuseBatch,
): number {
  return committedSlices(fetched, position, batches, refuse)(each, Infinity) as number
}

/** The same, a few records at a time: null, where there may be more of them. */
export function committedSlices(
  fetched: FetchedPartition,
  position: number,
  batches: Iterable<RecordBatch> = readBatches(fetched.records, fetched),
  refuse: RefuseBatch = rethrow,
): (each: (record: RecordCursor) => void, most: number) => number | null {
  const hidden = abortedFilter(fetched.abortedTransactions)
  const rest = batches[Symbol.iterator]()
  /** The batch whose records are being read, and what reads them. */
  let batch: RecordBatch | null = null
  let some: ReturnType<RecordBatch['reading']> | null = null
  let next = position

  return (each, most) => {
    const eachWanted = (record: RecordCursor): void => {
      if (record.offset >= position) each(record)
    }
    for (let left = most; ; ) {
      batch ??= following()
      if (batch === null) return next
      some ??= batch.reading()
      const read = some(batch.baseOffset >= position ? each : eachWanted, left)
      if (read === left) return null
      if (typeof read === 'number') left -= read
      else refuse(batch, Math.max(position, read.where.offset ?? batch.baseOffset), read)
      next = Math.max(next, batch.lastOffset + 1)
      batch = null
      some = null
    }
  }

  /** The next batch that has something to be seen. */
  function following(): RecordBatch | null {
    for (let step = rest.next(); !step.done; step = rest.next()) {
      const batch = step.value
      if (!hidden(batch) && batch.lastOffset >= position) return batch
      next = Math.max(next, batch.lastOffset + 1)
    }
    return null
  }
}

function rethrow(_batch: RecordBatch, _from: number, error: RxweftError): never {
  throw error
}
