/**
 * Detects the readable end of a partition whose log goes on. Markers at the end of a log have
 * offsets, and some brokers (Redpanda) answer a Fetch there with no bytes, without even the
 * markers. A reader that waits for the last offset would wait forever.
 *
 *   offsets  ... [record 7][record 8][marker 9] end = 10
 *   Fetch from 9: no bytes, and the last stable offset is 10
 *
 * A single empty answer proves nothing: quotas, size limits, and a leader that does not know its
 * high watermark yet cause one too.
 */
import type { FetchedPartition } from '../protocol/fetch.ts'

/** Number of consecutive empty answers that count as proof. */
const enough = 3

/**
 * Returns a function that takes each answer to a Fetch of this partition alone, from the next
 * offset to read. It returns true once nothing more is readable below `end`: the last few answers
 * had no error, no throttle time and no bytes, and the last stable offset has reached `end`, so
 * that no open transaction holds records back.
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
