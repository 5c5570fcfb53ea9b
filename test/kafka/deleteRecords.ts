/** DeleteRecords, as retention would: the log of a partition starts later. kafkajs's own does not work with Kafka 4. */
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import type { Api, TopicPartition } from '../../src/kafka/protocol/api.ts'
import { writeByTopic } from '../../src/kafka/protocol/byTopic.ts'
import { readByTopic } from '../../src/kafka/protocol/readByTopic.ts'

type Deleted = TopicPartition & { readonly errorCode: number }

const api: Api<readonly (TopicPartition & { readonly offset: number })[], readonly Deleted[]> = {
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
    from.int32() // throttle time
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

/** Deletes what is before `offset`. */
export async function deleteRecords(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  const connections = await cluster.connect('retention')
  const [found] = (await connections.metadata([topic])).topics
  const answer = await connections.call(found?.partitions[partition]?.leader ?? -1, api, [{ topic, partition, offset }])
  await connections.close()
  if (answer[0]?.errorCode !== 0) throw new Error(`DeleteRecords: error ${answer[0]?.errorCode}`)
}
