/**
 * Reads the last committed records of a partition, without following it: for tools that look at a
 * topic from outside. Decides nothing, so one broker's answer is enough.
 */
import type { AttemptContext } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing, isPassingCode } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'
import { fetch } from '../protocol/fetch.ts'
import { earliest, latest } from '../protocol/listOffsets.ts'
import { committedRecords } from './committedRecords.ts'
import { readableEnd } from './readTo.ts'
import { splitOffsets } from './splitOffsets.ts'

export interface RecentRecord {
  readonly offset: number
  /** ms since the epoch, by the clock of a broker or of the producer; -1 if the record has none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface RecentParts {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>
  readonly connections: Pick<Connections, 'call'>
  /** Must know the topic. */
  readonly leaders: Leaders
}

/**
 * The committed records among the last `most` offsets; more offsets, up to all, if there are none.
 */
export async function recentRecords(parts: RecentParts, split: Split, most: number): Promise<readonly RecentRecord[]> {
  const { attempt, connections, leaders } = parts
  const [start] = await splitOffsets(attempt, connections, leaders, [split], earliest)
  const [end] = await splitOffsets(attempt, connections, leaders, [split], latest, 'read_committed')
  for (let length = most; ; length *= 8) {
    const from = Math.max(start as number, (end as number) - length)
    const records = await readRange(parts, split, from, end as number)
    if (records.length > 0 || from === start) return records
  }
}

async function readRange(
  parts: RecentParts,
  split: Split,
  from: number,
  end: number,
): Promise<readonly RecentRecord[]> {
  const waiting = patience(parts.attempt.clock, parts.attempt.signal)
  const isEnd = readableEnd(end)
  const records: RecentRecord[] = []
  for (let position = from; position < end; ) {
    const fetched = await fetchOnce(parts, split, position)
    const next =
      fetched === null
        ? position
        : committedRecords(fetched, position, (record) => {
            const { offset, timestamp } = record
            if (offset < end)
              records.push({ offset, timestamp, key: copied(record.key()), value: copied(record.value()) })
          })
    if (fetched !== null && isEnd(fetched)) break
    if (next === position) {
      await waiting.after(unread(split, position))
      await parts.leaders.refresh().catch((error) => (isPassing(error) ? undefined : Promise.reject(error)))
    } else waiting.reset()
    position = next
  }
  return records
}

/** Null if the leader refused or was unreachable. */
async function fetchOnce({ connections, leaders }: RecentParts, split: Split, offset: number) {
  const { topicId } = await leaders.topic(split.topic)
  const wanted = { ...split, topicId, offset, maxBytes: 1_048_576 }
  const args = { maxWait: 100, minBytes: 1, maxBytes: 1_048_576, partitions: [wanted] }
  try {
    const [fetched] = await connections.call(leaders.leader(split.topic, split.partition), fetch, args)
    if (fetched === undefined || fetched.errorCode === 0) return fetched ?? null
    if (!isPassingCode(fetched.errorCode)) throw brokerError(fetched.errorCode, 'Fetch', { ...split, offset })
  } catch (error) {
    if (!isPassing(error)) throw error
  }
  return null
}

/** The cursor is a view, and so are its bytes. */
function copied(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

function unread(split: Split, offset: number): RetriableError {
  return new RetriableError('PARTITION_UNREAD', 'the partition cannot be read up to its end', {
    where: { ...split, offset },
    hint: 'A leader has just changed, or a broker does not answer. Try again',
  })
}
