/**
 * When the readable end of a partition has been reached although its log goes on: markers at the
 * end of a log have offsets, and some brokers (Redpanda) answer a Fetch there with nothing, not
 * even with the markers. A reader that waits for the last offset waits for ever.
 *
 *   offsets   ... [record 7][record 8][marker 9] end = 10        Fetch from 9: nothing, and the last stable offset is 10
 *
 * A single empty answer proves nothing: quotas, size limits, and a leader that does not know its
 * high watermark yet give one too.
 */
import type { FetchedPartition } from '../protocol/fetch.ts'

/** Empty answers in a row that are believed. */
const enough = 3

/**
 * Returns a function that is given each answer to a Fetch for one partition alone, from the next
 * offset to read, and says whether nothing can be read any more below `end`: the last few answers
 * had no error, no throttle time, no bytes, and everything below `end` is decided (the last stable
 * offset has reached it), so nothing is held back by an open transaction either.
 *
 * @param end from ListOffsets; the next offset to read lies before it
 */
export function readableEnd(end: number): (answer: FetchedPartition) => boolean {
  let inARow = 0
  return ({ errorCode, throttleTime = 0, records, lastStableOffset, divergingEpoch = null }) => {
    const empty = errorCode === 0 && throttleTime === 0 && records.length === 0 && divergingEpoch === null
    inARow = empty && lastStableOffset >= end ? inARow + 1 : 0
    return inARow >= enough
  }
}
