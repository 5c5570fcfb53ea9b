/** Which transaction a record was written in. */
import { isAbort } from '../../kafka/batch/abortedFilter.ts'
import { latest } from '../../kafka/protocol/listOffsets.ts'
import { splitOffsets } from '../../kafka/reading/splitOffsets.ts'
import type { Split } from '../../record.ts'
import { partitionsOf, type Reading } from '../reading.ts'
import { Refusal } from '../tell.ts'
import { readBatchesOf } from './readBatchesOf.ts'

export interface WrittenBy {
  readonly producerId: number
  readonly producerEpoch: number
  /** When the transaction was committed, by the clock of its coordinator, ms since the epoch. */
  readonly committedAt: number
}

/** Rejects if there is no record at this offset, or it was not committed by a transaction. */
export async function writtenBy(reading: Reading, split: Split, offset: number): Promise<WrittenBy> {
  const { topic, partition } = split
  const { attempt, connections, leaders } = reading
  const partitions = await partitionsOf(reading, topic)
  if (partitions === null || partition >= partitions) throw new Refusal(`there is no partition ${topic}/${partition}`)
  const [end] = await splitOffsets(attempt, connections, leaders, [split], latest, 'read_committed')
  const place = `${topic}/${partition}/${offset}`
  if (offset >= (end as number)) throw new Refusal(`${place} is not there, or its transaction is open`)

  let found: Omit<WrittenBy, 'committedAt'> | null = null
  let marker: { readonly aborted: boolean; readonly timestamp: number } | null = null
  let why = `${place} is not there: the topic has removed it`
  await readBatchesOf(reading, split, { from: offset, end: end as number }, (batch) => {
    if (found === null) {
      if (batch.baseOffset > offset) return true
      if (batch.lastOffset < offset) return false
      if (batch.control) why = `${place} is the marker of a transaction, not a record`
      else if (!batch.transactional) why = `${place} was not written in a transaction, so no checkpoint decided it`
      else found = { producerId: batch.producerId, producerEpoch: batch.producerEpoch }
      return found === null
    }
    if (!batch.control || batch.producerId !== found.producerId) return false
    marker = { aborted: isAbort(batch), timestamp: batch.maxTimestamp }
    return true
  })
  return told(found, marker, place, why)
}

function told(
  found: Omit<WrittenBy, 'committedAt'> | null,
  marker: { readonly aborted: boolean; readonly timestamp: number } | null,
  place: string,
  why: string,
): WrittenBy {
  if (found === null) throw new Refusal(why)
  if (marker === null) throw new Refusal(`the transaction of ${place} is open`)
  if (marker.aborted)
    throw new Refusal(`the transaction of ${place} was aborted: no reader of committed records sees it`)
  return { ...found, committedAt: marker.timestamp }
}
