/** DeleteRecords, as retention would: the log of a partition starts later. */
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import { deleteRecords as api } from '../../src/kafka/protocol/deleteRecords.ts'

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
