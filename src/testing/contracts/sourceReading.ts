/** Reads a source under test, record by record. */
import { othersTurn } from '../../clock.ts'
import { ofShard, type Room, type Source, type SourceReader } from '../../contracts/source.ts'
import type { Split, SplitOffset, StreamRecord } from '../../record.ts'
import type { ContractAttempt } from './contractAttempt.ts'

export type ReadRecord = Omit<StreamRecord<unknown>, 'kind' | 'sourceTime' | 'writtenTime'>

/** The reader at these positions; without any, where a job would start that has no checkpoint. */
export async function readerAt<T>(
  attempt: ContractAttempt,
  source: Source<T>,
  splits?: readonly SplitOffset[],
): Promise<SourceReader<T>> {
  const reader = await attempt.open(source)
  const start = splits ?? (await reader.resolve()).filter((split) => ofShard(attempt.context, split))
  await reader.seek(start)
  return reader
}

/** What one `drain` emits. Throws on what is refused, and on a record that is emitted later. */
export function drained(reader: SourceReader<unknown>, room?: Room): readonly ReadRecord[] {
  const records: ReadRecord[] = []
  let draining = true
  reader.drain(
    (value, timestamp, key, headers, split, offset) => {
      if (!draining) throw new Error('A record was emitted when drain had returned.')
      records.push({ value, timestamp, key, headers, split: { ...split }, offset })
    },
    (_, error) => {
      throw error
    },
    room,
  )
  draining = false
  return records
}

/** Room for so many records in one `drain`. */
export function roomFor(records: number): Room {
  let left = records
  return () => {
    const most = left
    left = 0
    return most
  }
}

/** What `poll` finds, once it is not 'empty'. */
export async function found(reader: SourceReader<unknown>): Promise<'ready' | 'end'> {
  for (;;) {
    const answer = await reader.poll()
    if (answer !== 'empty') return answer
    await othersTurn()
  }
}

/**
 * Reads so many records, one at a time, and calls back after each; fewer where the source ends
 * before.
 */
export async function readEach(
  reader: SourceReader<unknown>,
  count: number,
  after: (record: ReadRecord) => void = () => undefined,
): Promise<readonly ReadRecord[]> {
  const records: ReadRecord[] = []
  while (records.length < count) {
    // A source that always says that it has something must not keep the deadline of the rule from
    // its turn.
    await othersTurn()
    if ((await found(reader)) === 'end') break
    for (const record of drained(reader, roomFor(1))) {
      records.push(record)
      after(record)
    }
  }
  return records
}

export const nameOf = ({ topic, partition }: Split): string => `${topic}-${partition}`

/** The records of each split, in order. */
export function bySplit(records: readonly ReadRecord[]): Readonly<Record<string, readonly ReadRecord[]>> {
  const splits: Record<string, ReadRecord[]> = {}
  for (const record of records) {
    const name = nameOf(record.split)
    splits[name] = [...(splits[name] ?? []), record]
  }
  return splits
}
