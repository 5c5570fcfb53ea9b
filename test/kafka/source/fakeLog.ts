/** A Kafka cluster of a few lines: one topic, led by one node, whose answers to Fetch hold at most one record of each partition. */
import { Buffer } from 'node:buffer'
import { deferred } from '../../../src/deferred.ts'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { type FetchArgs, type FetchedPartition, fetch } from '../../../src/kafka/protocol/fetch.ts'
import { earliest, type ListOffsetsArgs, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { built } from '../batch/plainRecords.ts'

export interface FakeLog {
  readonly cluster: KafkaCluster
  append(partition: number, ...values: readonly string[]): void
  /** The partitions that each Fetch has asked for. */
  readonly fetches: readonly (readonly number[])[]
  /** Answers the Fetch that waits for records: its time is over. */
  timeOut(): void
}

export const fakeTopic = 't'

export function fakeLog(partitions: number): FakeLog {
  const logs = Array.from({ length: partitions }, (): string[] => [])
  const fetches: number[][] = []
  let [more, over] = [deferred(), false]

  const wake = (): void => {
    more.resolve()
    more = deferred()
  }

  function answer({ partitions: wanted }: FetchArgs): readonly FetchedPartition[] {
    return wanted.map(({ topic, partition, offset }) => {
      const value = logs[partition]?.[offset]
      const record = value === undefined ? [] : [{ timestamp: 0, key: null, value: Buffer.from(value), headers: [] }]
      const records = record.length === 0 ? Buffer.alloc(0) : built(record, { baseOffset: offset })
      const end = logs[partition]?.length ?? 0
      const ends = { highWatermark: end, lastStableOffset: end, logStartOffset: 0 }
      return { topic, partition, errorCode: 0, ...ends, abortedTransactions: [], records }
    })
  }

  async function fetched(args: FetchArgs): Promise<readonly FetchedPartition[]> {
    fetches.push(args.partitions.map(({ partition }) => partition).sort())
    for (over = false; ; await more.promise) {
      const found = answer(args)
      if (over || found.some(({ records }) => records.length > 0)) return found
    }
  }

  const connections: Pick<Connections, 'call' | 'metadata' | 'close'> = {
    async call(_, api, args) {
      if ((api as unknown) === fetch) return (await fetched(args as FetchArgs)) as never
      if ((api as unknown) !== listOffsets) throw new Error(`${api.name} is nothing that a reader asks for`)
      return (args as ListOffsetsArgs).partitions.map(({ topic, partition, timestamp }) => {
        return {
          topic,
          partition,
          errorCode: 0,
          offset: timestamp === earliest ? 0 : logs[partition]?.length,
          timestamp,
        }
      }) as never
    },
    async metadata() {
      const found = logs.map((_, partition) => ({ partition, errorCode: 0, leader: 1 }))
      const topic = { name: fakeTopic, topicId: 'id', errorCode: 0, partitions: found }
      return { controllerId: 1, clusterId: 'fake', brokers: [], topics: [topic] } as never
    },
    close: async () => undefined,
  }

  return {
    cluster: {
      brokers: ['fake:9092'],
      connect: async () => connections as Connections,
      admin: () => undefined as never,
    },
    fetches,
    append(partition, ...values) {
      logs[partition]?.push(...values)
      wake()
    },
    timeOut() {
      over = true
      wake()
    },
  }
}
