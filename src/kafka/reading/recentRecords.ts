/**
 * Reads the last committed records of a partition, without following it: for tools that look at a
 * topic from outside. Decides nothing, so one broker's answer is enough.
 */
import type { AttemptContext } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { earliest, latest } from '../protocol/listOffsets.ts'
import { type RangeParts, rangeReader } from './rangeReader.ts'
import { readableEnd } from './readTo.ts'
import { splitOffsets } from './splitOffsets.ts'

export interface RecentRecord {
  readonly offset: number
  /** ms since the epoch, by the clock of a broker or of the producer; -1 if the record has none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface RecentParts extends RangeParts {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>
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
  const records: RecentRecord[] = []
  await readRecords(parts, split, { from, end }, (record) => {
    records.push({ ...record, key: copied(record.key), value: copied(record.value) })
  })
  return records
}

/**
 * Reads the committed records of a range in order. Their bytes are views that end with the call.
 */
export async function readRecords(
  parts: RecentParts,
  split: Split,
  { from, end }: { readonly from: number; readonly end: number },
  take: (record: RecentRecord) => void,
): Promise<void> {
  const read = rangeReader(parts, split, { isEnd: readableEnd(end), behind: (offset) => unread(split, offset) })
  for (let position = from; position < end; ) {
    position = await read(position, (record) => {
      const { offset, timestamp } = record
      if (offset < end) take({ offset, timestamp, key: record.key(), value: record.value() })
    })
  }
}

/** The cursor is a view, and so are its bytes. */
function copied(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

export function unread(split: Split, offset: number): RetriableError {
  return new RetriableError('PARTITION_UNREAD', 'the partition cannot be read up to its end', {
    where: { ...split, offset },
    hint: 'A leader has just changed, or a broker does not answer. Try again',
  })
}
