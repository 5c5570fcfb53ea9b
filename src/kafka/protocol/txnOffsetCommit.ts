/**
 * TxnOffsetCommit: consumer-group offsets as part of a transaction, without a group member, since
 * partitions are assigned without a group. From version 5 on it also adds the group to the
 * transaction (protocol v2).
 */
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'

export interface TxnOffsetCommitArgs {
  readonly transactionalId: string
  readonly groupId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly offsets: readonly (TopicPartition & {
    /** Next offset to read. */
    readonly offset: number
  })[]
}

export interface CommittedOffset extends TopicPartition {
  readonly errorCode: number
}

export const txnOffsetCommit: Api<TxnOffsetCommitArgs, readonly CommittedOffset[]> = {
  key: 28,
  name: 'TxnOffsetCommit',
  min: 3,
  max: 5,
  encode(to, { transactionalId, groupId, producerId, producerEpoch, offsets }) {
    to.string(transactionalId)
    to.string(groupId)
    to.int64(producerId)
    to.int16(producerEpoch)
    to.int32(-1) // generation: no member of the group
    to.string('') // member id
    to.string(null) // group instance id
    writeByTopic(to, offsets, ({ partition, offset }) => {
      to.int32(partition)
      to.int64(offset)
      to.int32(-1) // leader epoch: unknown
      to.string('') // metadata
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const committed = readByTopic(from, (topic) => {
      const partition = from.int32()
      const errorCode = from.int16()
      from.tags()
      return { topic, partition, errorCode }
    })
    from.tags()
    return committed
  },
}
