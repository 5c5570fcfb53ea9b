/**
 * The read_committed view of a fetched partition: without aborted records, control records, and
 * records before its position.
 */
import type { RxweftError } from '../../errors.ts'
import { abortedFilter } from '../batch/abortedFilter.ts'
import { type RecordBatch, type RecordCursor, readBatches } from '../batch/readBatches.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'

/**
 * Takes a batch that cannot be read, or the rest of it from this offset. Throws to end the read.
 */
export type RefuseBatch = (batch: RecordBatch, from: number, error: RxweftError) => void

/**
 * Calls `each` for every committed record from `position` on; `each` must not keep the cursor.
 * Returns the position after everything fetched, including aborted records and markers. Throws
 * Corrupted BATCH_DAMAGED, and whatever `each` throws.
 *
 * @param batches the batches of `fetched`, if already decoded
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

/** Like `committedRecords`, a few records at a time; returns null while there may be more. */
export function committedSlices(
  fetched: FetchedPartition,
  position: number,
  batches: Iterable<RecordBatch> = readBatches(fetched.records, fetched),
  refuse: RefuseBatch = rethrow,
): (each: (record: RecordCursor) => void, most: number) => number | null {
  const hidden = abortedFilter(fetched.abortedTransactions)
  const rest = batches[Symbol.iterator]()
  /** Current batch, and the reader of its records. */
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

  /** Next batch with visible records. */
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
