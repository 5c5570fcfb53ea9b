/** The record batches of a partition as the broker keeps them, up to the first open transaction. */
import type { Buffer } from 'node:buffer'
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import { fetch } from '../../src/kafka/protocol/fetch.ts'

export interface RawBatch {
  /** Of the whole batch, as it was sent. */
  readonly bytes: number
  readonly records: number
  /** As in the attributes: none, gzip, snappy, lz4, zstd. */
  readonly compression: number
}

/** Without the markers of transactions. */
export async function rawBatches(cluster: KafkaCluster, topic: string, partition = 0): Promise<readonly RawBatch[]> {
  const connections = await cluster.connect('raw')
  try {
    const [found] = (await connections.metadata([topic])).topics
    const { topicId = '', partitions = [] } = found ?? {}
    const leader = partitions[partition]?.leader ?? -1
    const batches: RawBatch[] = []
    for (let offset = 0; ; ) {
      const wanted = [{ topic, topicId, partition, offset, maxBytes: 8_000_000 }]
      const args = { maxWait: 0, minBytes: 0, maxBytes: 8_000_000, partitions: wanted }
      const [answer] = await connections.call(leader, fetch, args)
      if (answer === undefined || answer.errorCode !== 0) throw new Error(`Fetch: error ${answer?.errorCode}`)
      const next = split(answer.records, batches)
      if (next === null) return batches
      offset = next
    }
  } finally {
    await connections.close()
  }
}

/** Returns the next offset; null where there is nothing more. */
function split(fetched: Buffer, into: RawBatch[]): number | null {
  let next: number | null = null
  for (let at = 0; at + 61 <= fetched.length; ) {
    const bytes = 12 + fetched.readInt32BE(at + 8)
    if (at + bytes > fetched.length) break
    const attributes = fetched.readInt16BE(at + 21)
    const control = (attributes & 0x20) !== 0
    if (!control) into.push({ bytes, records: fetched.readInt32BE(at + 57), compression: attributes & 7 })
    next = Number(fetched.readBigInt64BE(at)) + fetched.readInt32BE(at + 23) + 1
    at += bytes
  }
  return next
}
