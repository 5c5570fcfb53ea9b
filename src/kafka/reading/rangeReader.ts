/**
 * Reads a range of a partition step by step: committed records only, from whichever broker leads
 * it. An answer that brings nothing (a leader that moves, markers that are still on their way) is
 * asked for again, for as long as patience lasts.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import type { RecordCursor } from '../batch/readBatches.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing, isPassingCode } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'
import { leadsNone, unlessMoved } from '../nodes/unlessMoved.ts'
import { type FetchedPartition, fetch } from '../protocol/fetch.ts'
import { committedRecords } from './committedRecords.ts'

export interface RangeParts {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal'>
  readonly connections: Pick<Connections, 'call'>
  /** Must know the topic. */
  readonly leaders: Leaders
}

export interface RangeOptions {
  /** Size of a fetch, bytes. Default 1 MiB. */
  readonly maxBytes?: number
  /** How long a broker may wait for records, ms. Default 100. */
  readonly wait?: number
  /** Whether nothing more is readable after this answer. Default: never. */
  readonly isEnd?: (answer: FetchedPartition) => boolean
  /** Error to reject with once patience is over. */
  readonly behind: (offset: number) => RetriableError
}

/**
 * Takes one step from an offset: calls `each` with what one answer holds, and resolves with the
 * offset behind it; with the same offset if it held nothing, with Infinity at the end. `each` must
 * not keep the cursor. Rejects with `behind`, and with whatever ends a Fetch.
 */
export type ReadStep = (offset: number, each: (record: RecordCursor) => void) => Promise<number>

export function rangeReader(parts: RangeParts, split: Split, options: RangeOptions): ReadStep {
  const step = answerReader(parts, split, options)
  return (offset, each) => step(offset, (fetched) => committedRecords(fetched, offset, each))
}

/** As `rangeReader`; `take` reads a whole answer, and returns the offset behind it. */
export function answerReader(
  { attempt, connections, leaders }: RangeParts,
  split: Split,
  { maxBytes = 1_048_576, wait = 100, isEnd = () => false, behind }: RangeOptions,
): (offset: number, take: (fetched: FetchedPartition) => number) => Promise<number> {
  const { topic, partition } = split
  const waiting = patience(attempt.clock, attempt.signal)

  /** Null if the leader refused or was unreachable; the next try asks the current leader. */
  async function fetchFrom(offset: number): Promise<FetchedPartition | null> {
    try {
      const { topicId } = await leaders.topic(topic)
      const wanted = { ...split, topicId, leaderEpoch: leaders.epoch(topic, partition), offset, maxBytes }
      const args = { maxWait: wait, minBytes: 1, maxBytes, partitions: [wanted] }
      const leader = leaders.leader(topic, partition)
      const [fetched] = await unlessMoved(
        attempt.clock,
        (options) => connections.call(leader, fetch, args, options),
        () => leadsNone(leaders, leader, [split]),
      )
      if (fetched === undefined || fetched.errorCode === 0) return fetched ?? null
      if (!isPassingCode(fetched.errorCode)) throw brokerError(fetched.errorCode, 'Fetch', { ...split, offset })
      await leaders.refresh()
    } catch (error) {
      passing(error)
    }
    return null
  }

  return async (offset, take) => {
    const fetched = await fetchFrom(offset)
    const next = fetched === null ? offset : take(fetched)
    if (fetched !== null && isEnd(fetched)) return Infinity
    if (next > offset) {
      waiting.reset()
      return next
    }
    await waiting.after(behind(offset))
    // A deposed leader waits for markers that only its successor has.
    await leaders.refresh().catch(passing)
    return offset
  }
}

function passing(error: unknown): void {
  if (!isPassing(error)) throw error
}
