/**
 * Durability of the topics whose loss ends a job, those of its ledger, plan and snapshots: the
 * settings they are created with, and the notice if one broker's failure could lose them.
 */
import kafkajs from 'kafkajs'
import type { AttemptContext } from '../../attempt.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { NewTopic } from '../nodes/createTopic.ts'
import { withAdmin } from '../nodes/withAdmin.ts'

/** Number of replicas that is enough. */
const most = 3

/** Replication factor and min.insync.replicas for a cluster of this size. */
function wanted(brokers: number): { readonly replication: number; readonly minIsr: number } {
  return { replication: Math.min(most, brokers), minIsr: Math.min(2, brokers) }
}

type Shape = Required<Pick<NewTopic, 'replication' | 'configEntries'>>

/**
 * Three replicas, of which two must have each record; if the cluster has fewer brokers, all. A
 * broker that is away counts: KRaft gives it its replicas, and they catch up when it is back.
 *
 * @param brokers number of brokers that are there now
 */
export function durable(brokers: number): readonly Shape[] {
  const sizes = brokers < most ? [most, brokers] : [most]
  return sizes.map((size) => {
    const { replication, minIsr } = wanted(size)
    return { replication, configEntries: [{ name: 'min.insync.replicas', value: String(minIsr) }] }
  })
}

/** The ledger topic at its best: durable, and brokers set timestamps. */
export function safest(brokers: number): readonly Shape[] {
  const stamped = { name: 'message.timestamp.type', value: 'LogAppendTime' }
  return durable(brokers).map(({ replication, configEntries }) => {
    return { replication, configEntries: [...ledgerConfig, ...configEntries, stamped] }
  })
}

/** Small segments, so that the cleaner compacts early. */
export const ledgerConfig = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'segment.bytes', value: '16777216' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
]

/** Executions and topics already told, by cluster: one notice each, over all attempts. */
const told = new WeakMap<KafkaCluster, Set<string>>()

/**
 * Emits ledger-weak if the cluster could hold a safer topic. Best effort: the rights to ask may be
 * missing, and nothing depends on it.
 */
export async function tellWeakness(
  attempt: Pick<AttemptContext, 'execution' | 'shard' | 'tell'>,
  cluster: KafkaCluster,
  topic: string,
): Promise<void> {
  const known = told.get(cluster) ?? new Set()
  told.set(cluster, known)
  const one = `${attempt.execution} ${topic}`
  if (attempt.shard > 0 || known.has(one)) return
  known.add(one)
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
