/**
 * DeleteRecords: moves the log start of a partition forward, as retention does. kafkajs's own
 * version does not work with Kafka 4.
 */
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'

export type DeletedRecords = TopicPartition & { readonly errorCode: number }

/** Removes the records before each `offset`. */
export const deleteRecords: Api<readonly (TopicPartition & { readonly offset: number })[], readonly DeletedRecords[]> =
  {
    key: 21,
    name: 'DeleteRecords',
    min: 2,
    max: 2,
    encode(to, before) {
      writeByTopic(to, before, ({ partition, offset }) => {
        to.int32(partition)
        to.int64(offset)
        to.tags()
      })
      to.int32(10_000) // timeout, ms
      to.tags()
    },
    decode(from) {
      from.throttleTime()
      const deleted = readByTopic(from, (topic) => {
        const partition = from.int32()
        from.int64() // new log start offset
        const errorCode = from.int16()
        from.tags()
        return { topic, partition, errorCode }
      })
      from.tags()
      return deleted
    },
  }
