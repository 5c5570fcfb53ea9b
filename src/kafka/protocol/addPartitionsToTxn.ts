/**
 * AddPartitionsToTxn, protocol v1 only: announces to the coordinator the partitions that a
 * transaction will write to. Version 4 is for brokers.
 */
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'

export interface AddPartitionsToTxnArgs {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly partitions: readonly TopicPartition[]
}

export interface AddedPartition extends TopicPartition {
  readonly errorCode: number
}

export const addPartitionsToTxn: Api<AddPartitionsToTxnArgs, readonly AddedPartition[]> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  min: 3,
  max: 3,
  encode(to, { transactionalId, producerId, producerEpoch, partitions }) {
    to.string(transactionalId)
    to.int64(producerId)
    to.int16(producerEpoch)
    writeByTopic(to, partitions, ({ partition }) => to.int32(partition))
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const added = readByTopic(from, (topic) => {
      const partition = from.int32()
      const errorCode = from.int16()
      from.tags()
      return { topic, partition, errorCode }
    })
    from.tags()
    // Puts the actual error before those of partitions not attempted because of it.
    return added.sort((a, b) => Number(a.errorCode === notAttempted) - Number(b.errorCode === notAttempted))
  },
}

const notAttempted = 55
