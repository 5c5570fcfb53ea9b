/** Records as plain objects, to and from record batches: what the tests of the codec compare. */
import type { Buffer } from 'node:buffer'
import { type BatchIdentity, createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import type { Compression } from '../../../src/kafka/batch/compression.ts'
import { readBatches } from '../../../src/kafka/batch/readBatches.ts'
import type { Header } from '../../../src/record.ts'

export interface Plain {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

export const place = { topic: 't', partition: 3 }

const nobody: BatchIdentity = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

export function built(
  records: readonly Plain[],
  { compression = 'none' as Compression, baseOffset = 0, identity = nobody } = {},
): Buffer {
  const builder = createBatchBuilder({ compression })
  for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers)
  const batch = builder.finish(identity)
  batch.writeBigInt64BE(BigInt(baseOffset), 0)
  return batch
}

export function read(fetched: Buffer): (Plain & { readonly offset: number })[] {
  const records: (Plain & { readonly offset: number })[] = []
  for (const batch of readBatches(fetched, place)) {
    batch.records((record) => {
      // Backwards: in whatever order they are asked for, the answers are the same.
      const headers = record.headers()
      const [value, key] = [record.value(), record.key()]
      records.push({ offset: record.offset, timestamp: record.timestamp, key, value, headers })
    })
  }
  return records
}
