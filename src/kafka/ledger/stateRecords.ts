/** Reads the pieces of a snapshot from the state topic, committed ones only. */
import { Buffer } from 'node:buffer'
import type { AttemptContext } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { rangeReader } from '../reading/rangeReader.ts'

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
  return async function* pieces(key, [from, to]) {
    const wanted = Buffer.from(key)
    const read = rangeReader({ attempt, connections, leaders }, split, {
      maxBytes: fetchBytes,
      behind: (offset) => behind(split, offset, to),
    })
    for (let position = from; position < to; ) {
      const found: Uint8Array[] = []
      position = await read(position, (record) => {
        if (record.offset >= to || !record.key()?.equals(wanted)) return
        // The cursor goes on, and its bytes with it.
        found.push(Uint8Array.from(record.value() ?? []))
      })
      yield* found
    }
  }
}

function behind(split: Split, offset: number, to: number): RetriableError {
  return new RetriableError('STATE_TOPIC_BEHIND', `the state topic cannot be read up to offset ${to}`, {
    where: { ...split, offset },
    hint: 'The next attempt reads it again. If this repeats, check that the partition has a leader, and that this broker reaches the others',
  })
}
