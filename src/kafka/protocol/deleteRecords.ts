/**
 * DeleteRecords: the log of a partition starts later from now on, as with retention. kafkajs's own
 * does not work with Kafka 4.
 */
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'

export type DeletedRecords = TopicPartition & { readonly errorCode: number }

/** What is before each `offset` goes. */
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
        from.int64() // where the log starts now
        const errorCode = from.int16()
        from.tags()
        return { topic, partition, errorCode }
      })
      from.tags()
      return deleted
    },
  }
