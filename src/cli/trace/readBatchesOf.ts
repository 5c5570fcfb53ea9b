/** Reads the batches of a partition, markers and what was aborted among them. */
import { type RecordBatch, readBatches } from '../../kafka/batch/readBatches.ts'
import { answerReader } from '../../kafka/reading/rangeReader.ts'
import { readableEnd } from '../../kafka/reading/readTo.ts'
import { unread } from '../../kafka/reading/recentRecords.ts'
import type { Split } from '../../record.ts'
import type { Reading } from '../reading.ts'

/** @param take returns true to end the reading; must not keep a batch after the call */
export async function readBatchesOf(
  reading: Reading,
  split: Split,
  { from, end }: { readonly from: number; readonly end: number },
  take: (batch: RecordBatch) => boolean,
): Promise<void> {
  const read = answerReader(reading, split, { isEnd: readableEnd(end), behind: (offset) => unread(split, offset) })
  for (let position = from; position < end; ) {
    const at = position
    position = await read(at, ({ records, ...fetched }) => {
      let next = at
      for (const batch of readBatches(records, { ...split, ...fetched })) {
        next = Math.max(next, batch.lastOffset + 1)
        if (take(batch)) return Infinity
      }
      return next
    })
  }
}
