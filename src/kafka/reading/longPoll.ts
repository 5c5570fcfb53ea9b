/**
 * How long brokers may hold a Fetch: briefly while records come, longer once a leader has had
 * nothing for a while. With many shards, the short polls of idle ones were nine tenths of all CPU
 * time of an idle process.
 *
 * A leader answers one Fetch of a connection after the other, so splits that are to be fetched from
 * it meanwhile would wait behind the long poll: that one is given up then.
 *
 *   answers   --r--0--0- ... -0-----0-----0--r--0--0
 *   maxWait     .5 .5 .5     .5    5     5    .5 .5
 */
import type { FetchedPartition } from '../protocol/fetch.ts'

export interface LongPolls {
  /** Wait of the next Fetch to this leader, ms. */
  wait(leader: number): number
  /** Notes an answer; null: none came. */
  answered(leader: number, answers: readonly FetchedPartition[] | null): void
}

/** Number of answers in a row without records after which polls are long. */
const enough = 20

/** Wait of a long poll, ms: a frozen leader is noticed only after it. */
export const longWait = 5_000

export function longPolls(maxWait: number): LongPolls {
  /** Number of answers in a row without records, by leader. */
  const empty = new Map<number, number>()
  return {
    wait: (leader) => ((empty.get(leader) ?? 0) < enough ? maxWait : Math.max(maxWait, longWait)),
    answered(leader, answers) {
      empty.set(leader, answers?.every(isAtRest) ? (empty.get(leader) ?? 0) + 1 : 0)
    },
  }
}

/** Whether the log was read to its end, and nobody is writing: an open transaction is watched. */
function isAtRest({ errorCode, records, lastStableOffset, highWatermark }: FetchedPartition): boolean {
  return errorCode === 0 && records.length === 0 && lastStableOffset >= highWatermark
}
