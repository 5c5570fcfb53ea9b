/**
 * Fetch: reads record batches, including those of aborted transactions, which the reader must
 * filter out. Uses no fetch session. From version 13 on it names topics by id, so that a recreated
 * topic is not mistaken for the old one.
 */
import { Buffer } from 'node:buffer'
import type { Api, TopicPartition } from './api.ts'
import { byTopic } from './byTopic.ts'
import type { Isolation } from './listOffsets.ts'
import { zeroTopicId } from './metadata.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface FetchArgs {
  /** How long the broker waits for `minBytes`, ms. */
  readonly maxWait: number
  readonly minBytes: number
  /** Limit for the whole answer. A larger first batch comes nevertheless. */
  readonly maxBytes: number
  readonly partitions: readonly WantedPartition[]
  /** Default: read_committed. */
  readonly isolation?: Isolation
}

export interface WantedPartition extends TopicPartition {
  /** Topic id from metadata. */
  readonly topicId: string
  readonly offset: number
  readonly maxBytes: number
  /**
   * Leader epoch from metadata: a leader with another epoch refuses. Default: any leader answers.
   */
  readonly leaderEpoch?: number | undefined
  /**
   * Epoch of the last batch read before `offset`: lets the leader report a log that has diverged
   * since. Default: unknown.
   */
  readonly lastFetchedEpoch?: number | undefined
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number
  readonly highWatermark: number
  /** Offsets below are decided: committed or aborted. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  /**
   * Whole batches, except that the last may be cut off; the first may begin before the requested
   * offset. A view.
   */
  readonly records: Buffer
  /**
   * Throttle time of the whole answer, ms: a quota is exceeded, and the broker may have sent less
   * than it has. Default: 0.
   */
  readonly throttleTime?: number
  /**
   * Set if the log is not the one read before: of the epochs up to this one, it has only the
   * offsets before `endOffset`.
   */
  readonly divergingEpoch?: EpochEnd | null
}

export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** Last version that names topics. */
const byName = 12

export const fetch: Api<FetchArgs, readonly FetchedPartition[]> = {
  key: 1,
  name: 'Fetch',
  min: byName,
  max: 13,
  // Topics from before Kafka 2.8, on brokers still at that level, have no id.
  newest: ({ partitions }) => (partitions.some(({ topicId }) => topicId === zeroTopicId) ? byName : 13),
  hold: ({ maxWait }) => maxWait,
  encode(to, { maxWait, minBytes, maxBytes, partitions, isolation = 'read_committed' }, version) {
    to.int32(-1) // replica id: a client
    to.int32(maxWait)
    to.int32(minBytes)
    to.int32(maxBytes)
    to.int8(isolation === 'read_committed' ? 1 : 0)
    to.int32(0) // session id: none
    to.int32(-1) // session epoch: no session
    to.array(byTopic(partitions), ([topic, wanted]) => {
      if (version > byName) to.uuid((wanted[0] as WantedPartition).topicId)
      else to.string(topic)
      to.array(wanted, (partition) => writeWanted(to, partition))
      to.tags()
    })
    to.array([], () => undefined) // forgotten topics
    to.string('') // rack id
    to.tags()
  },
  decode(from, version, { partitions }) {
    const throttleTime = from.throttleTime()
    const errorCode = from.int16()
    from.int32() // session id
    const names = new Map(partitions.map(({ topic, topicId }) => [topicId, topic]))
    const fetched = from.array(() => {
      const topic = version > byName ? (names.get(from.uuid()) ?? '') : from.string()
      const found = from.array(() => readFetched(from, topic, throttleTime))
      from.tags()
      return found
    })
    from.tags()
    return errorCode === 0 ? fetched.flat() : partitions.map((wanted) => failed(wanted, errorCode))
  },
}

function writeWanted(to: Writer, wanted: WantedPartition): void {
  const { partition, offset, maxBytes, leaderEpoch = -1, lastFetchedEpoch = -1 } = wanted
  to.int32(partition)
  to.int32(leaderEpoch)
  to.int64(offset)
  to.int32(lastFetchedEpoch)
  to.int64(-1) // log start offset: for followers
  to.int32(maxBytes)
  to.tags()
}

/** Tag in a partition's answer. */
const diverging = 0

function readFetched(from: Reader, topic: string, throttleTime: number): FetchedPartition {
  const partition = from.int32()
  const errorCode = from.int16()
  const highWatermark = from.int64()
  const lastStableOffset = from.int64()
  const logStartOffset = from.int64()
  const abortedTransactions = from.array(() => aborted(from))
  from.int32() // preferred read replica
  const records = from.bytes() ?? Buffer.alloc(0)
  let divergingEpoch: EpochEnd | null = null
  from.tags((tag, field) => {
    if (tag === diverging) divergingEpoch = { epoch: field.int32(), endOffset: field.int64() }
  })
  const offsets = { highWatermark, lastStableOffset, logStartOffset }
  return { topic, partition, errorCode, ...offsets, abortedTransactions, records, throttleTime, divergingEpoch }
}

function aborted(from: Reader): AbortedTransaction {
  const transaction = { producerId: from.int64(), firstOffset: from.int64() }
  from.tags()
  return transaction
}

/** An error of the whole request, repeated for each partition. */
function failed({ topic, partition }: WantedPartition, errorCode: number): FetchedPartition {
  return {
    topic,
    partition,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: [],
    records: Buffer.alloc(0),
  }
}
