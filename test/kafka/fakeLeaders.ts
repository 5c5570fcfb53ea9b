/**
 * Brokers of a few lines, for what reads: one topic, whose partitions have leaders with epochs. Each node answers by what it believes: that it
 * leads a partition in some epoch, or what the metadata were before it was cut off.
 */
import { Buffer } from 'node:buffer'
import { RetriableError } from '../../src/errors.ts'
import type { Connections } from '../../src/kafka/nodes/connections.ts'
import { describeProducers } from '../../src/kafka/protocol/describeProducers.ts'
import { type FetchArgs, type FetchedPartition, fetch } from '../../src/kafka/protocol/fetch.ts'
import { earliest, type ListOffsetsArgs, listOffsets } from '../../src/kafka/protocol/listOffsets.ts'
import { type Metadata, metadata } from '../../src/kafka/protocol/metadata.ts'
import type { VirtualClock } from '../../src/testing/virtualClock.ts'
import { built } from './batch/plainRecords.ts'

export const leadTopic = 'in'

export interface Batch {
  readonly epoch: number
  /** Of its only record. */
  readonly bytes: number
}

export interface FakePartition {
  leader: number
  epoch: number
  /** One record each. */
  log: Batch[]
  /** What is behind lies in an open transaction; default: nothing does. */
  stable?: number
  /** Offsets at the end that no Fetch brings: markers, as Redpanda has them. */
  markers?: number
}

type Answer = Partial<FetchedPartition>

export interface FakeLeaders {
  connections: Pick<Connections, 'call' | 'metadata'>
  readonly partitions: FakePartition[]
  /** Each Fetch: to whom, for what. */
  readonly fetches: { readonly node: number; readonly args: FetchArgs }[]
  /** In the way of a request to a node; resolves: let it through. */
  before: (node: number, api: string) => Promise<void> | void
  /** What a node answers about a partition instead. */
  instead: (node: number, partition: number, args: FetchArgs) => Answer | null
  /** What a node says in Metadata instead. */
  outdated: Map<number, Metadata>
  topicId: string
  /** As metadata are now. */
  now(): Metadata
}

/** Also what a node that was cut off goes on saying. */
export function fakeLeaders(clock: VirtualClock, nodes: number, count: number): FakeLeaders {
  let asked = 0
  const fake: FakeLeaders = {
    connections: {
      async call(to, api, args) {
        const node = to as number
        await fake.before(node, api.name)
        const key = api as unknown
        if (key === fetch) return (await fetched(node, args as FetchArgs)) as never
        if (key === listOffsets) return listed(node, args as ListOffsetsArgs) as never
        if (key === metadata) return (fake.outdated.get(node) ?? fake.now()) as never
        if (key === describeProducers) return described() as never
        throw new Error(`${api.name} is nothing that a reader asks for`)
      },
      async metadata() {
        for (let tried = 0; ; tried++) {
          const node = (asked++ % nodes) + 1
          try {
            await fake.before(node, 'Metadata')
            return fake.outdated.get(node) ?? fake.now()
          } catch (error) {
            if (tried === nodes) throw error
          }
        }
      },
    },
    partitions: Array.from({ length: count }, (_, at) => ({ leader: (at % nodes) + 1, epoch: 0, log: [] })),
    fetches: [],
    before: () => undefined,
    instead: () => null,
    outdated: new Map(),
    topicId: 'id',
    now: () => ({
      brokers: Array.from({ length: nodes }, (_, at) => ({ node: at + 1, host: `node-${at + 1}`, port: 9092 })),
      controller: 1,
      topics: [
        {
          errorCode: 0,
          name: leadTopic,
          topicId: fake.topicId,
          partitions: fake.partitions.map(({ leader, epoch }, partition) => {
            return { errorCode: 0, partition, leader, leaderEpoch: epoch }
          }),
        },
      ],
    }),
  }

  function refusal(node: number, { leader, epoch }: FakePartition, known = -1): number {
    if (leader !== node) return 6
    return known < 0 || known === epoch ? 0 : known < epoch ? 74 : 75
  }

  async function fetched(node: number, args: FetchArgs): Promise<readonly FetchedPartition[]> {
    fake.fetches.push({ node, args })
    const answers = (): readonly FetchedPartition[] => {
      let left = args.maxBytes
      let any = false
      return args.partitions.map(({ topic, partition, offset, maxBytes, leaderEpoch, lastFetchedEpoch = -1 }) => {
        const its = fake.partitions[partition] as FakePartition
        const end = its.log.length + (its.markers ?? 0)
        const errorCode = refusal(node, its, leaderEpoch) || (offset > end ? 1 : 0)
        const lastStableOffset = its.stable ?? end
        const nothing = { topic, partition, errorCode, abortedTransactions: [], logStartOffset: 0 }
        const empty = { ...nothing, highWatermark: end, lastStableOffset, records: Buffer.alloc(0) }
        const other = fake.instead(node, partition, args)
        if (other !== null) return { ...empty, ...other }
        if (errorCode !== 0) return empty
        const before = its.log.findLastIndex(({ epoch }) => epoch <= lastFetchedEpoch)
        if (lastFetchedEpoch >= 0 && before + 1 < offset) {
          const divergingEpoch = { epoch: its.log[before]?.epoch ?? -1, endOffset: before + 1 }
          return { ...empty, divergingEpoch }
        }
        const records: Buffer[] = []
        let room = Math.min(left, maxBytes)
        for (let at = offset; at < Math.min(its.log.length, lastStableOffset); at++) {
          const bytes = batch(at, its.log[at] as Batch)
          if (bytes.length > room && (any || records.length > 0)) break
          any = true
          room -= bytes.length
          left -= bytes.length
          records.push(bytes)
        }
        return { ...empty, records: Buffer.concat(records) }
      })
    }
    const isSomething = ({ records, errorCode, divergingEpoch = null }: FetchedPartition): boolean =>
      records.length > 0 || errorCode !== 0 || divergingEpoch !== null
    if (!answers().some(isSomething)) await clock.sleep(args.maxWait)
    return answers()
  }

  function listed(node: number, { partitions }: ListOffsetsArgs) {
    return partitions.map(({ topic, partition, timestamp, leaderEpoch }) => {
      const its = fake.partitions[partition] as FakePartition
      const end = its.log.length + (its.markers ?? 0)
      const errorCode = refusal(node, its, leaderEpoch)
      return { topic, partition, errorCode, offset: timestamp === earliest ? 0 : end, timestamp }
    })
  }

  const described = () => [
    {
      ...{ topic: leadTopic, partition: 0, errorCode: 0 },
      producers: [
        { producerId: 5, transactionStart: -1 },
        { producerId: 7, transactionStart: 4 },
        { producerId: 6, transactionStart: 2 },
      ],
    },
  ]
  return fake
}

const batches = new Map<string, Buffer>()

/** Made once: they are compared by nobody, and are many. */
function batch(offset: number, { epoch, bytes }: Batch): Buffer {
  const key = `${offset} ${epoch} ${bytes}`
  const known = batches.get(key)
  if (known !== undefined) return known
  const record = { timestamp: 0, key: null, value: Buffer.alloc(bytes), headers: [] }
  const made = built([record], { baseOffset: offset })
  made.writeInt32BE(epoch, 12)
  batches.set(key, made)
  return made
}

export const lost = (): Promise<void> => Promise.reject(new RetriableError('CONNECTION_LOST', 'the broker is gone'))
export const never = (): Promise<void> => new Promise(() => undefined)
