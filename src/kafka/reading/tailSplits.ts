/**
 * Follows the ends of a topic's partitions: every committed record, soon after its commit, for as
 * long as the process lives. For news that may come twice and decide nothing.
 *
 *   ... [old][old] | [recent][recent] end [new] -->     begins some records before the end
 */
import type { AttemptContext } from '../../attempt.ts'
import { abortController, onAbort, sleep } from '../../clock.ts'
import { deferred } from '../../deferred.ts'
import type { RecordCursor } from '../batch/readBatches.ts'
import type { Connections } from '../nodes/connections.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { earliest, latest } from '../protocol/listOffsets.ts'
import { committedRecords } from './committedRecords.ts'
import { epochHistory } from './epochHistory.ts'
import { type FetchedSplit, fetcher } from './fetcher.ts'
import { splitOffsets } from './splitOffsets.ts'

export interface TailParts extends Pick<AttemptContext, 'clock' | 'signal'> {
  readonly connections: Pick<Connections, 'call' | 'metadata'>
  readonly topic: string
  readonly partitions: readonly number[]
  /** Takes a record; must not keep the cursor. `old`: it was there before this began to follow. */
  readonly each: (partition: number, record: RecordCursor, old: boolean) => void
  /** Called with each failure after which it begins anew. */
  readonly failed: (thrown: unknown) => void
}

interface TailSplit extends FetchedSplit {
  position: number
  /** End of the partition when this began to follow. */
  readonly end: number
}

/** How many records before the end are read first. */
const recent = 1_000

/** Pause after a failure, ms: the topic may not exist yet. */
const pause = 500

const limits = { maxWait: 500, partitionBytes: 256 * 1024, partitionsAtOnce: 2 }

/** Runs until the signal is aborted; begins anew after a failure. Never rejects. */
export async function tailSplits(parts: TailParts): Promise<void> {
  const { clock, signal } = parts
  while (!signal.aborted) {
    await follow(parts).catch((thrown) => signal.aborted || parts.failed(thrown))
    await sleep(clock, pause, signal)
  }
}

/** Rejects with the first failure. */
async function follow({ clock, signal, connections, topic, partitions, each }: TailParts): Promise<void> {
  const over = abortController()
  const end = deferred()
  onAbort(signal, () => end.resolve(), over.signal)
  const attempt = { clock, signal: over.signal, tell: () => undefined, fail: end.reject }
  try {
    const leaders = leadersOf(attempt, connections)
    const { topicId } = await leaders.topic(topic, 0)
    const wanted = partitions.map((partition) => ({ topic, partition }))
    const starts = await splitOffsets(attempt, connections, leaders, wanted, earliest)
    const ends = await splitOffsets(attempt, connections, leaders, wanted, latest)
    const splits = partitions.map((partition, at): TailSplit => {
      const offset = Math.max(starts[at] as number, (ends[at] as number) - recent)
      const place = { fetchOffset: offset, position: offset, end: ends[at] as number, bound: Infinity }
      return { topic, topicId, partition, ...place, epochs: epochHistory(offset, undefined), unconfirmed: false }
    })
    const fetching = fetcher<TailSplit>(attempt, connections, leaders, limits, {
      arrived({ split, fetched, taken }) {
        try {
          split.position = committedRecords(fetched, split.position, (record) =>
            each(split.partition, record, record.offset < split.end),
          )
        } catch (thrown) {
          end.reject(thrown)
        }
        taken()
      },
      held: () => false,
      settled: () => undefined,
    })
    fetching.add(splits)
    await end.promise
  } finally {
    over.abort()
  }
}
