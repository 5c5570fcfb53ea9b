/**
 * DescribeProducers, answered by the leader: recent producers of a partition, and their open
 * transactions.
 */
import type { Api, TopicPartition } from './api.ts'
import { byTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'
import type { Reader } from './reader.ts'

export interface DescribedPartition extends TopicPartition {
  readonly errorCode: number
  readonly producers: readonly ActiveProducer[]
}

export interface ActiveProducer {
  readonly producerId: number
  /** First offset of its open transaction; -1 if none is open. */
  readonly transactionStart: number
}

export const describeProducers: Api<readonly TopicPartition[], readonly DescribedPartition[]> = {
  key: 61,
  name: 'DescribeProducers',
  min: 0,
  max: 0,
  encode(to, partitions) {
    to.array(byTopic(partitions), ([topic, its]) => {
      to.string(topic)
      to.array(its, ({ partition }) => to.int32(partition))
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const described = readByTopic(from, (topic) => {
      const partition = from.int32()
      const errorCode = from.int16()
      from.nullableString() // error message
      const producers = from.array(() => producer(from))
      from.tags()
      return { topic, partition, errorCode, producers }
    })
    from.tags()
    return described
  },
}

function producer(from: Reader): ActiveProducer {
  const producerId = from.int64()
  from.int32() // epoch
  from.int32() // last sequence number
  from.int64() // last timestamp
  from.int32() // epoch of the coordinator
  const transactionStart = from.int64()
  from.tags()
  return { producerId, transactionStart }
}
