/**
 * Reads a topic from beginning to end, as a read_committed consumer does. That of kafkajs returns
 * aborted records, too.
 */
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import type { Connections, TopicMetadata } from '../../src/kafka/nodes/connections.ts'
import { fetch } from '../../src/kafka/protocol/fetch.ts'
import { committedRecords } from '../../src/kafka/reading/committedRecords.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'

export interface ReadRecord {
  readonly partition: number
  readonly value: string | null
}

/**
 * The records of each partition in order.
 *
 * @param upTo 'end': all records that exist now; every transaction in the topic must be decided.
 *   'decided': up to the first open transaction of each partition
 */
export async function readCommitted(
  brokers: readonly string[],
  name: string,
  upTo: 'end' | 'decided' = 'end',
): Promise<readonly ReadRecord[]> {
  const ends = await topicEnds(brokers, name, upTo === 'end' ? 'read_uncommitted' : 'read_committed')
  const connections = await kafkaCluster({ brokers }).connect('judge')
  try {
    const [topic] = (await connections.metadata([name])).topics
    const records: ReadRecord[] = []
    for (const [partition, end] of ends.entries()) {
      for (let position = 0; position < end; )
        position = await readOn(connections, topic as TopicMetadata, partition, position, end, records)
    }
    return records
  } finally {
    await connections.close()
  }
}

/** Resolves with the position behind the last record read. */
async function readOn(
  connections: Connections,
  { name: topic, topicId, partitions }: TopicMetadata,
  partition: number,
  position: number,
  end: number,
  into: ReadRecord[],
): Promise<number> {
  const leader = partitions[partition]?.leader ?? -1
  const wanted = { topic, topicId, partition, offset: position, maxBytes: 1_048_576 }
  const args = { maxWait: 500, minBytes: 1, maxBytes: 1_048_576, partitions: [wanted] }
  const [fetched] = await connections.call(leader, fetch, args)
  if (fetched?.errorCode !== 0) throw new Error(`Fetch of ${topic} ${partition}: error ${fetched?.errorCode}`)
  return committedRecords(fetched, position, (record) => {
    // Leaves out records decided meanwhile: their counterparts in another partition may be missing.
    if (record.offset < end) into.push({ partition, value: record.value()?.toString() ?? null })
  })
}
