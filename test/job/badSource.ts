/** A memory source that cannot decode some of its values: as an undecodable record of a log, each is refused as bytes. */
import { Buffer } from 'node:buffer'
import type { OnError } from '../../src/attempt.ts'
import type { Source } from '../../src/contracts/source.ts'
import { FatalError } from '../../src/errors.ts'
import type { MemorySource } from '../../src/memory/memorySource.ts'
import { streamRecord } from '../../src/record.ts'

export function badSource(
  from: MemorySource<string>,
  isBad: (value: string) => boolean,
  onError?: OnError,
): Source<string> {
  return {
    id: from.id,
    maxInFlight: from.maxInFlight,
    onError,
    async open(attempt) {
      const reader = await from.open(attempt)
      return {
        ...reader,
        drain(emit, refuse) {
          reader.drain((value, timestamp, key, headers, split, offset) => {
            if (!isBad(value)) return emit(value, timestamp, key, headers, split, offset)
            const raw = streamRecord(Buffer.from(value), timestamp, key, headers, split, offset)
            const where = { operator: from.id, topic: split.topic, partition: split.partition, offset }
            refuse(raw, new FatalError('DECODE_FAILED', 'not to be decoded', { where, badRecord: true }))
          }, refuse)
        },
      }
    },
  }
}
