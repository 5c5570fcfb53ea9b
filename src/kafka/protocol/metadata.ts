/**
 * Metadata: the brokers of the cluster, and the leaders of partitions. It never creates a topic.
 */
import type { Api } from './api.ts'
import type { Reader } from './reader.ts'

export interface Metadata {
  readonly brokers: readonly BrokerAddress[]
  /** Node id of the controller; -1 if there is none. */
  readonly controller: number
  readonly topics: readonly TopicMetadata[]
}

export interface BrokerAddress {
  readonly node: number
  readonly host: string
  readonly port: number
}

export interface TopicMetadata {
  readonly errorCode: number
  readonly name: string
  /** In Kafka's printed form. Changes when the topic is deleted and created again. */
  readonly topicId: string
  /** Sorted: partition n is at index n. */
  readonly partitions: readonly PartitionMetadata[]
}

export interface PartitionMetadata {
  readonly errorCode: number
  readonly partition: number
  /** Node id; -1 if there is no leader now. */
  readonly leader: number
  readonly leaderEpoch: number
}

/** Stands for a topic without an id. */
export const zeroTopicId = 'AAAAAAAAAAAAAAAAAAAAAA'

export const metadata: Api<readonly string[], Metadata> = {
  key: 3,
  name: 'Metadata',
  min: 12,
  max: 12,
  encode(to, topics) {
    to.array(topics, (name) => {
      to.uuid(zeroTopicId)
      to.string(name)
      to.tags()
    })
    to.boolean(false) // allow auto topic creation
    to.boolean(false) // include authorized operations
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const brokers = from.array(() => broker(from))
    from.nullableString() // cluster id
    const controller = from.int32()
    const topics = from.array(() => topic(from))
    from.tags()
    return { brokers, controller, topics }
  },
}

function broker(from: Reader): BrokerAddress {
  const address = { node: from.int32(), host: from.string(), port: from.int32() }
  from.nullableString() // rack
  from.tags()
  return address
}

function topic(from: Reader): TopicMetadata {
  const errorCode = from.int16()
  const name = from.string()
  const topicId = from.uuid()
  from.boolean() // internal
  const partitions = from.array(() => partition(from)).sort((a, b) => a.partition - b.partition)
  from.int32() // authorized operations
  from.tags()
  return { errorCode, name, topicId, partitions }
}

function partition(from: Reader): PartitionMetadata {
  const found = {
    errorCode: from.int16(),
    partition: from.int32(),
    leader: from.int32(),
    leaderEpoch: from.int32(),
  }
  from.array(from.int32) // replicas
  from.array(from.int32) // in-sync replicas
  from.array(from.int32) // offline replicas
  from.tags()
  return found
}
