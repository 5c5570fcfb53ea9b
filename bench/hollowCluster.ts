/**
 * A Kafka cluster with nothing in it, for timings: one partition that is as long as it shall be and always has the same records, and one that
 * takes everything and keeps nothing. All that is timed around it is rxweft, without sockets and without a broker.
 */
import { Buffer } from 'node:buffer'
import type { KafkaCluster } from '../src/kafka/cluster.ts'
import type { Connections } from '../src/kafka/connections.ts'
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
 * @param batch what the partition consists of, over and over
 * @param records how many records the batch has
 * @param length records in the partition
 */
export function hollowCluster(batch: Buffer, records: number, length: number): HollowCluster {
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
      const found = Math.min(left, Math.max(1, Math.floor(maxBytes / batch.length)))
      return { ...decided, topic, partition, records: repeated(batch, found, offset, records) }
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

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const connections: Connections = {
    ...{ name: 'hollow', requestTimeout: 1_000, transactionVersion: 2 },
    call: async (_, api, args) => {
      await turn()
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

/** The batch so many times, with offsets that go on. (The base offset is in no checksum.) */
export function repeated(batch: Buffer, times: number, offset: number, records: number): Buffer {
  const all = Buffer.allocUnsafe(times * batch.length)
  for (let i = 0; i < times; i++) {
    all.set(batch, i * batch.length)
    all.writeBigInt64BE(BigInt(offset + i * records), i * batch.length)
  }
  return all
}

function metadataOf(topics: readonly string[]): Metadata {
  const partitions = [{ errorCode: 0, partition: 0, leader: 1, leaderEpoch: 0 }]
  return {
    brokers: [{ node: 1, host: 'hollow', port: 1 }],
    controller: 1,
    topics: topics.map((name) => ({ errorCode: 0, name, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions })),
  }
}
