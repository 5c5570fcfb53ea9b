/** Offset lookups at the leaders for many partitions: first, last, or first at a time. */

import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'
import { leadsNone, unlessMoved } from '../nodes/unlessMoved.ts'
import { type Isolation, type ListedOffset, listOffsets } from '../protocol/listOffsets.ts'
import { patientSplits } from './patientSplits.ts'

/** Longest pause between retries, ms. */
const longestPause = 250

/**
 * For each split, the offset of the first record at or after `timestamp` (ms, or a special value);
 * -1 if there is none. `leaders` must know the topics. A failed lookup is retried at the current
 * leader and reported; rejects when failures last for long, or when an error that sounds final
 * keeps coming.
 */
export async function splitOffsets(
  attempt: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  splits: readonly Split[],
  timestamp: number,
  isolation: Isolation = 'read_uncommitted',
): Promise<readonly number[]> {
  const trouble = patientSplits<Split>(attempt)
  const found = new Map<Split, number>()
  for (let pause = 5; ; pause = Math.min(longestPause, pause * 2)) {
    const left = splits.filter((split) => !found.has(split))
    const refusals = await askOnce(attempt, connections, leaders, left, timestamp, isolation, found)
    if (refusals.length === 0) return splits.map((split) => found.get(split) as number)
    for (const [split, error] of refusals) trouble.failed(split, error)
    await sleep(attempt.clock, pause, attempt.signal)
    await leaders.refresh().catch((error) => (isPassing(error) ? undefined : Promise.reject(error)))
  }
}

/** Stands in for an answer that omits a requested partition. */
const unknownServerError = -1

type Refusal = readonly [Split, RxweftError]

/** Adds offsets to `found`; returns the failed splits with their errors. */
async function askOnce(
  { clock }: Pick<AttemptContext, 'clock'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  splits: readonly Split[],
  timestamp: number,
  isolation: Isolation,
  found: Map<Split, number>,
): Promise<readonly Refusal[]> {
  const { led, leaderless } = leaders.available(splits)

  async function ask(leader: number, its: readonly Split[]): Promise<readonly Refusal[]> {
    const partitions = its.map(({ topic, partition }) => {
      return { topic, partition, timestamp, leaderEpoch: leaders.epoch(topic, partition) }
    })
    try {
      const answers = await unlessMoved(
        clock,
        (options) => connections.call(leader, listOffsets, { isolation, partitions }, options),
        () => leadsNone(leaders, leader, its),
      )
      return its.flatMap((split) => read(split, answers))
    } catch (error) {
      if (isPassing(error)) return its.map((split): Refusal => [split, error])
      throw error
    }
  }

  function read(split: Split, answers: readonly ListedOffset[]): readonly Refusal[] {
    const { topic, partition } = split
    const its = answers.find((one) => one.topic === topic && one.partition === partition)
    const { errorCode, offset } = its ?? { errorCode: unknownServerError, offset: -1 }
    if (errorCode !== 0) return [[split, brokerError(errorCode, 'ListOffsets', { topic, partition })]]
    found.set(split, offset)
    return []
  }

  const refusals = await Promise.all([...led].map(([leader, its]) => ask(leader, its)))
  return [...leaderless, ...refusals.flat()]
}
