/** Rolling upgrades under a job: the controller and the brokers one after the other, and then the features of the new version. */
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { runJava } from '../../tools/support/javaTool.ts'
import type { ClusterFault } from './fault.ts'
import { rolling } from './happenings.ts'

/** @param version of Kafka, newer than what the cluster runs */
export function upgradeTo(version: string): ClusterFault {
  return {
    name: `rolling upgrade to ${version}`,
    async inject(site) {
      const { cluster } = site
      await cluster.nodes.controller.stop()
      await cluster.nodes.controller.start(version)
      await rolling(site, version)
      const release = version.split('.').slice(0, 2).join('.')
      const command = ['--bootstrap-server', cluster.brokers.join(','), 'upgrade', '--release-version', release]
      await runJava('org.apache.kafka.tools.FeatureCommand', command, { version })
      const found = await transactionVersion(cluster.brokers)
      if (found < 2) throw new Error(`transaction.version is ${found} after the upgrade to ${version}`)
    },
  }
}

export async function transactionVersion(brokers: readonly string[]): Promise<number> {
  const connections = await kafkaCluster({ brokers }).connect('version')
  await connections.close()
  return connections.transactionVersion
}
