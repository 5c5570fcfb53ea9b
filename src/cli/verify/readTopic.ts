/** Reads a whole topic as a reader of committed records does, and tells how far it is. */
import { systemClock } from '../../clock.ts'
import { earliest, latest } from '../../kafka/protocol/listOffsets.ts'
import { readRecords } from '../../kafka/reading/recentRecords.ts'
import { splitOffsets } from '../../kafka/reading/splitOffsets.ts'
import { partitionsOf, type Reading } from '../reading.ts'
import { grouped } from '../table.ts'
import { Refusal } from '../tell.ts'
import type { ComparedRecord } from './comparison.ts'

/** Pause between two lines of progress, ms. */
const interval = 1_000

/** Records before these offsets count, by partition; without it, all that are committed. */
export type Ends = ReadonlyMap<number, number>

export async function readTopic(
  reading: Reading,
  topic: string,
  take: (record: ComparedRecord) => void,
  ends?: Ends,
): Promise<void> {
  const partitions = await partitionsOf(reading, topic)
  if (partitions === null) throw new Refusal(`the cluster has no topic "${topic}"`)
  const splits = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const { attempt, connections, leaders } = reading
  const first = await splitOffsets(attempt, connections, leaders, splits, earliest)
  const last = await splitOffsets(attempt, connections, leaders, splits, latest, 'read_committed')
  const progress = progressOf()
  for (const [at, split] of splits.entries()) {
    const from = first[at] as number
    const end = ends === undefined ? (last[at] as number) : Math.min(last[at] as number, ends.get(at) ?? from)
    if (from > 0) console.error(`${topic}/${at} begins at offset ${from}: what was before it is not compared`)
    await readRecords(reading, split, { from, end }, ({ offset, key, value }) => {
      take({ topic, partition: at, offset, key, value })
      progress(`${topic}/${at}: offset ${grouped(offset)} of ${grouped(end)}`)
    })
  }
}

/** Prints a line of progress to the terminal, at most each second. */
function progressOf(): (text: string) => void {
  let told = systemClock.monotonic()
  return (text) => {
    const now = systemClock.monotonic()
    if (now - told < interval) return
    told = now
    console.error(text)
  }
}
