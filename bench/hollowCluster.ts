/**
 * A Kafka cluster with nothing in it, for timings: one partition that is as long as it shall be and always has the same records, and one that
 * takes everything and keeps nothing. All that is timed around it is rxweft, without sockets and without a broker.
 */
import { Buffer } from 'node:buffer'
import type { KafkaCluster } from '../src/kafka/cluster.ts'
import type { Connections } from '../src/kafka/nodes/connections.ts'
import type { Api } from '../src/kafka/protocol/api.ts'
import { type FetchArgs, type FetchedPartition, fetch } from '../src/kafka/protocol/fetch.ts'
import { initProducerId } from '../src/kafka/protocol/initProducerId.ts'
import { type ListOffsetsArgs, latest, listOffsets } from '../src/kafka/protocol/listOffsets.ts'
import type { Metadata } from '../src/kafka/protocol/metadata.ts'
import { type ProduceArgs, produce } from '../src/kafka/protocol/produce.ts'

export interface HollowCluster extends KafkaCluster {
  /** Bytes of all batches that were produced. */
  readonly produced: number
}

/**
 * @param batches what the partition consists of, over and over; all of about one size
 * @param records how many records each batch has
 * @param length records in the partition
 * @param due answers of the partition wait until it resolves; default: at once. @param offset the first that is asked for
 */
export function hollowCluster(
  batches: readonly Buffer[],
  records: number,
  length: number,
  due: (offset: number) => Promise<void> = turn,
): HollowCluster {
  const [{ length: batchBytes }] = batches as [Buffer]
  let produced = 0

  function answer(api: Api<never, unknown>, args: unknown): unknown {
    if (api.key === fetch.key) return fetched(args as FetchArgs)
    if (api.key === produce.key) return accepted(args as ProduceArgs)
    if (api.key === listOffsets.key) return listed(args as ListOffsetsArgs)
    if (api.key === initProducerId.key) return { errorCode: 0, producerId: 1, producerEpoch: 0 }
    throw new Error(`the hollow cluster does not know ${api.name}`)
  }

  /** As many batches as fit, in a buffer of its own, as an answer from the network would be. */
  function fetched({ partitions }: FetchArgs): readonly FetchedPartition[] {
    return partitions.map(({ topic, partition, offset, maxBytes }) => {
      const left = Math.ceil((length - offset) / records)
      const found = Math.min(left, Math.max(1, Math.floor(maxBytes / batchBytes)))
      return { ...decided, topic, partition, records: repeated(batches, found, offset, records) }
    })
  }

  const decided = {
    errorCode: 0,
    highWatermark: length,
    lastStableOffset: length,
    logStartOffset: 0,
    abortedTransactions: [],
  }

  const listed = ({ partitions }: ListOffsetsArgs): unknown =>
    partitions.map(({ topic, partition, timestamp }) => {
      return { topic, partition, errorCode: 0, offset: timestamp === latest ? length : 0, timestamp: -1 }
    })

  function accepted({ batches }: ProduceArgs): unknown {
    return batches.map(({ topic, partition, records: { length: bytes } }) => {
      produced += bytes
      return { topic, partition, errorCode: 0, errorMessage: null, baseOffset: 0 }
    })
  }

  const connections: Connections = {
    ...{ name: 'hollow', requestTimeout: 1_000, transactionVersion: 2 },
    call: async (_, api, args) => {
      if (api.key === fetch.key)
        await due(Math.min(...(args as unknown as FetchArgs).partitions.map(({ offset }) => offset)))
      else await turn()
      return answer(api as never, args) as never
    },
    metadata: async (topics) => metadataOf(topics),
    coordinator: async () => 1,
    forgetCoordinator: () => undefined,
    close: async () => undefined,
  }
  return {
    brokers: ['hollow:1'],
    connect: async () => connections,
    admin() {
      throw new Error('the hollow cluster has no administration')
    },
    get produced() {
      return produced
    },
  }
}

/** So many batches, those of this offset first, with offsets that go on. (The base offset is in no checksum.) */
export function repeated(batches: readonly Buffer[], times: number, offset: number, records: number): Buffer {
  const first = Math.floor(offset / records)
  const all = Buffer.concat(Array.from({ length: times }, (_, i) => batches[(first + i) % batches.length] as Buffer))
  for (let i = 0, at = 0; i < times; i++) {
    all.writeBigInt64BE(BigInt((first + i) * records), at)
    at += (batches[(first + i) % batches.length] as Buffer).length
  }
  return all
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function metadataOf(topics: readonly string[]): Metadata {
  const partitions = [{ errorCode: 0, partition: 0, leader: 1, leaderEpoch: 0 }]
  return {
    brokers: [{ node: 1, host: 'hollow', port: 1 }],
    controller: 1,
    topics: topics.map((name) => ({ errorCode: 0, name, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions })),
  }
}
