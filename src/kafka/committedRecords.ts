/** What a read_committed reader sees of one fetched partition: no aborted records, no control records, nothing before its position. */
import { abortedFilter } from './batch/abortedFilter.ts'
import { type RecordBatch, type RecordCursor, readBatches } from './batch/readBatches.ts'
import type { FetchedPartition } from './protocol/fetch.ts'

/**
 * Calls `each` for every committed record from `position` on; the cursor must not be kept. Returns the position behind all that was
 * fetched, also where it was aborted or markers. Throws Corrupted BATCH_DAMAGED, and what `each` throws.
 *
 * @param batches what `fetched` consists of, for who has read it already
 */
export function committedRecords(
  fetched: FetchedPartition,
  position: number,
  each: (record: RecordCursor) => void,
  batches: Iterable<RecordBatch> = readBatches(fetched.records, fetched),
): number {
  const hidden = abortedFilter(fetched.abortedTransactions)
  const eachWanted = (record: RecordCursor): void => {
    if (record.offset >= position) each(record)
  }
  let next = position
  for (const batch of batches) {
    if (!hidden(batch) && batch.lastOffset >= position) {
      batch.records(batch.baseOffset >= position ? each : eachWanted)
    }
    next = Math.max(next, batch.lastOffset + 1)
  }
  return next
}
