/** Current leaders and coordinators of a cluster, according to the brokers that answer. */
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import type { Connections, CoordinatorType } from '../../src/kafka/nodes/connections.ts'
import { type BrokerId, brokerIds, type JavaCluster } from './javaCluster.ts'

export interface ClusterRoles {
  /** null if there is none. Rejects if the partition does not exist. */
  leader(topic: string, partition: number): Promise<BrokerId | null>
  /**
   * Of a transactional id or a consumer group. Rejects with COORDINATOR_NOT_AVAILABLE if there is
   * none.
   */
  coordinator(type: CoordinatorType, key: string): Promise<BrokerId>
  /** Whether all partitions, internal ones too, have three replicas in their ISR. */
  allInSync(): Promise<boolean>
}

export function clusterRoles(cluster: Pick<JavaCluster, 'answering'>): ClusterRoles {
  async function ask<R>(question: (connections: Connections) => Promise<R>): Promise<R> {
    const reached = kafkaCluster({ brokers: cluster.answering, connectionTimeout: 2_000, requestTimeout: 5_000 })
    const connections = await reached.connect('roles')
    return question(connections).finally(connections.close)
  }

  return {
    leader: (topic, partition) =>
      ask(async (connections) => {
        const [found] = (await connections.metadata([topic])).topics
        const one = found?.partitions[partition]
        if (one === undefined) throw new Error(`there is no partition ${partition} of ${topic}: ${found?.errorCode}`)
        return one.leader === -1 ? null : (one.leader as BrokerId)
      }),
    async allInSync() {
      const admin = kafkaCluster({ brokers: cluster.answering }).admin()
      try {
        await admin.connect()
        const { topics } = await admin.fetchTopicMetadata()
        return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === brokerIds.length))
      } finally {
        await admin.disconnect()
      }
    },
    coordinator: (type, key) => ask(async (connections) => (await connections.coordinator(type, key)) as BrokerId),
  }
}
