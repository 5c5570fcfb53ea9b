/** Asks the leaders for offsets: the first, the last, or the first at a time, of many partitions. */
import type { AttemptContext, Split } from '../element.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections } from './connections.ts'
import type { Leaders } from './leaders.ts'
import { patience } from './patience.ts'
import { type Isolation, listOffsets } from './protocol/listOffsets.ts'

/**
 * The offset of the first record at or after `timestamp` (ms), or a special one, for each split; -1 where there is none.
 * The topics must be known to `leaders`. Asks again for as long as a leader refuses.
 */
export async function splitOffsets(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  splits: readonly Split[],
  timestamp: number,
  isolation: Isolation = 'read_uncommitted',
): Promise<readonly number[]> {
  const waiting = patience(attempt.clock, attempt.signal)
  const found = new Map<Split, number>()
  while (found.size < splits.length) {
    const left = splits.filter((split) => !found.has(split))
    const refusal = await askOnce(connections, leaders, left, timestamp, isolation, found)
    if (refusal === null) continue
    await waiting.after(refusal)
    await leaders.refresh()
  }
  return splits.map((split) => found.get(split) as number)
}

async function askOnce(
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  splits: readonly Split[],
  timestamp: number,
  isolation: Isolation,
  found: Map<Split, number>,
) {
  let refusal = null
  for (const [leader, its] of leaders.group(splits)) {
    const partitions = its.map(({ topic, partition }) => ({ topic, partition, timestamp }))
    const answers = await connections.call(leader, listOffsets, { isolation, partitions })
    for (const { topic, partition, errorCode, offset } of answers) {
      const split = its.find((one) => one.topic === topic && one.partition === partition) as Split
      const error = errorCode === 0 ? null : brokerError(errorCode, 'ListOffsets', { topic, partition })
      if (error === null) found.set(split, offset)
      else if (isRefused(errorCode)) refusal = error
      else throw error
    }
  }
  return refusal
}
