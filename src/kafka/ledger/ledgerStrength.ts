/**
 * How safe the ledger topic is: what it is created with, and what is said of one that a broker's
 * failure could lose.
 */
import kafkajs from 'kafkajs'
import type { AttemptContext } from '../../attempt.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { NewTopic } from '../nodes/createTopic.ts'
import { withAdmin } from '../nodes/withAdmin.ts'

/**
 * Replicas, and how many of them must have a record before it counts, on a cluster of so many
 * brokers.
 */
function wanted(brokers: number): { readonly replication: number; readonly minIsr: number } {
  return { replication: Math.min(3, brokers), minIsr: Math.min(2, brokers) }
}

/**
 * Three replicas of which two must have each entry; where there are fewer brokers, all of them. The
 * brokers date the records.
 */
export function safest(brokers: number): Pick<NewTopic, 'replication' | 'configEntries'> {
  const { replication, minIsr } = wanted(brokers)
  return {
    replication,
    configEntries: [
      ...ledgerConfig,
      { name: 'min.insync.replicas', value: String(minIsr) },
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
    ],
  }
}

/** Small segments, so that the cleaner gets to work. */
export const ledgerConfig = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'segment.bytes', value: '16777216' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
]

/** Executions that were told, by cluster: each is told once, however many attempts it takes. */
const told = new WeakMap<KafkaCluster, Set<string>>()

/**
 * Emits ledger-weak where the cluster has room for a safer topic. Best effort: the rights to ask
 * may be missing, and nothing depends on it.
 */
export async function tellWeakness(
  attempt: Pick<AttemptContext, 'execution' | 'shard' | 'tell'>,
  cluster: KafkaCluster,
  topic: string,
): Promise<void> {
  const executions = told.get(cluster) ?? new Set()
  told.set(cluster, executions)
  if (attempt.shard > 0 || executions.has(attempt.execution)) return
  executions.add(attempt.execution)
  const found = await strengthOf(cluster, topic).catch(() => null)
  if (found === null) return
  const best = wanted(found.brokers)
  if (found.replication < best.replication || found.minIsr < best.minIsr)
    attempt.tell({ type: 'ledger-weak', topic, ...found })
}

async function strengthOf(cluster: KafkaCluster, topic: string) {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['min.insync.replicas'] }
  return withAdmin(cluster, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const { brokers } = await admin.describeCluster()
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    const replicas = topics[0]?.partitions.map((one) => one.replicas.length) ?? []
    const minIsr = Number(resources[0]?.configEntries[0]?.configValue)
    return { replication: Math.min(...replicas), minIsr, brokers: brokers.length }
  })
}
