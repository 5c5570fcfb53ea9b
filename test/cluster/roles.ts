/** Target of a fault: a node, by its current role for the job. */
import { transactionalId } from '../../src/checkpoint/names.ts'
import type { NodeName } from '../../tools/broker/javaCluster.ts'
import { between } from '../faults/seededRandom.ts'
import { partitions } from './expected.ts'
import type { ClusterSite } from './site.ts'

export type Role = (site: ClusterSite) => Promise<NodeName>

export const roles = {
  'leader of a source partition': (site) => leaderOf(site, site.topics.source),
  'leader of a sink partition': (site) => leaderOf(site, site.topics.echo),
  "ledger's leader": (site) => leaderOf(site, site.topics.ledger, 0),
  'transaction coordinator': ({ roles, name, random }) =>
    roles.coordinator('transaction', transactionalId('rxweft', name, 0, between(random, 0, 1))),
  'group coordinator': ({ roles, name }) => roles.coordinator('group', name),
  controller: async () => 'controller',
} as const satisfies Readonly<Record<string, Role>>

async function leaderOf({ roles, random }: ClusterSite, topic: string, partition = between(random, 0, partitions - 1)) {
  const leader = await roles.leader(topic, partition)
  if (leader === null) throw new Error(`nobody leads partition ${partition} of ${topic}, and nothing has happened yet`)
  return leader
}
