/**
 * Finds the batches of aborted transactions in a fetch. A fetch lists the aborted transactions that
 * reach into it, each by producer and first offset; a transaction ends at the producer's abort
 * marker.
 *
 *   p7:  [a a][b b]     X            [c]    C          listed: p7 from a
 *   p9:           [d]       C
 *        aborted: all of p7 from a until X; d and c are not
 *
 * The list may be unsorted and may hold a producer several times. Source: KIP-98, "Consumer:
 * aborted transactions".
 */
import { CorruptedError } from '../../errors.ts'
import type { AbortedTransaction } from '../protocol/fetch.ts'
import type { RecordBatch } from './readBatches.ts'

/**
 * Call for each batch of one fetch, in order. True if a read_committed reader must not see the
 * batch.
 */
export function abortedFilter(transactions: readonly AbortedTransaction[]): (batch: RecordBatch) => boolean {
  const upcoming = [...transactions].sort((a, b) => b.firstOffset - a.firstOffset)
  const aborting = new Set<number>()

  return (batch) => {
    for (
      let next = upcoming.at(-1);
      next !== undefined && next.firstOffset <= batch.lastOffset;
      next = upcoming.at(-1)
    ) {
      aborting.add(next.producerId)
      upcoming.pop()
    }
    if (!batch.control) return batch.transactional && aborting.has(batch.producerId)
    if (isAbort(batch)) aborting.delete(batch.producerId)
    return true
  }
}

/**
 * Checks the marker's key: version, then type, 2 bytes each; type 0 is abort. Throws Corrupted
 * BATCH_DAMAGED.
 */
export function isAbort(marker: RecordBatch): boolean {
  let abort = false
  marker.records((record) => {
    const key = record.key()
    if (key === null || key.length < 4) throw unknownMarker(marker)
    abort = key.readInt16BE(2) === 0
  })
  return abort
}

function unknownMarker({ baseOffset: offset }: RecordBatch): CorruptedError {
  return new CorruptedError('BATCH_DAMAGED', 'a transaction marker is neither a commit nor an abort', {
    where: { offset },
    hint: 'Check whether another replica of the partition is intact',
  })
}
