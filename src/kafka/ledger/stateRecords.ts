/** Reads the pieces of a snapshot from the state topic, committed ones only. */
import { Buffer } from 'node:buffer'
import type { AttemptContext } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing, isPassingCode } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'
import { type FetchedPartition, fetch } from '../protocol/fetch.ts'
import { committedRecords } from '../reading/committedRecords.ts'

/** Bytes of one fetch. */
const fetchBytes = 8 * 1024 * 1024

/**
 * Returns a function that yields the pieces under a key in a range of offsets, the last one
 * exclusive. It waits for markers that are still on their way, and gives up with Retriable
 * STATE_TOPIC_BEHIND. Rejects with whatever ends a Fetch.
 */
export function stateRecords(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  split: Split,
): (key: string, range: readonly [from: number, to: number]) => AsyncGenerator<Uint8Array> {
  const { topic, partition } = split

  /** Null if the leader refused or was unreachable. */
  async function fetchFrom(offset: number): Promise<FetchedPartition | null> {
    try {
      const { topicId } = await leaders.topic(topic)
      const wanted = { ...split, topicId, leaderEpoch: leaders.epoch(topic, partition), offset, maxBytes: fetchBytes }
      const args = { maxWait: 100, minBytes: 1, maxBytes: fetchBytes, partitions: [wanted] }
      const [fetched] = await connections.call(leaders.leader(topic, partition), fetch, args)
      if (fetched === undefined || fetched.errorCode === 0) return fetched ?? null
      if (!isPassingCode(fetched.errorCode)) throw brokerError(fetched.errorCode, 'Fetch', { ...split, offset })
      await leaders.refresh()
    } catch (error) {
      if (!isPassing(error)) throw error
    }
    return null
  }

  return async function* read(key, [from, to]) {
    const waiting = patience(attempt.clock, attempt.signal)
    const wanted = Buffer.from(key)
    for (let position = from; position < to; ) {
      const found: Uint8Array[] = []
      const fetched = await fetchFrom(position)
      const next =
        fetched === null
          ? position
          : committedRecords(fetched, position, (record) => {
              if (record.offset >= to || !record.key()?.equals(wanted)) return
              // The cursor goes on, and its bytes with it.
              found.push(Uint8Array.from(record.value() ?? []))
            })
      yield* found
      if (next === position) await waiting.after(behind(split, position, to))
      else waiting.reset()
      position = next
    }
  }
}

function behind(split: Split, offset: number, to: number): RetriableError {
  return new RetriableError('STATE_TOPIC_BEHIND', `the state topic cannot be read up to offset ${to}`, {
    where: { ...split, offset },
    hint: 'A partition without a leader, or a broker that is behind; the next attempt reads it again',
  })
}
