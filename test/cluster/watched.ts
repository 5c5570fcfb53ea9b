/** A cluster whose requests a test observes as they are sent, with their nodes. */
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import type { Connections } from '../../src/kafka/nodes/connections.ts'

export function watched(cluster: KafkaCluster, sent: (node: number | 'any', api: string) => void): KafkaCluster {
  return {
    ...cluster,
    async connect(name) {
      const connections = await cluster.connect(name)
      const call: Connections['call'] = (node, api, ...rest) => {
        sent(node, api.name)
        return connections.call(node, api, ...rest)
      }
      // Its other properties change, so they are not copied.
      return Object.assign(Object.create(connections), { call }) as Connections
    },
  }
}
