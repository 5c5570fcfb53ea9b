/** A KafkaCluster over the simulated brokers, for one process. */
import type { Admin } from 'kafkajs'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import { connections, type NetworkParts, type SimulatedConnections } from './connections.ts'

export interface SimulatedCluster extends KafkaCluster {
  /** What a consumer group has committed: for the mutant that believes it. */
  groupOffsets(group: string): ReadonlyMap<string, number>
  /** Breaks every connection, or those to one node. */
  cut(node?: number): void
}

export function simulatedCluster(parts: NetworkParts): SimulatedCluster {
  const { brokers, process } = parts
  const { agenda, random, topology } = brokers.shared
  const sets: SimulatedConnections[] = []

  /** Resolves after a round trip with what the brokers do then. */
  function trip<A>(act: () => A): Promise<A> {
    return new Promise((resolve, reject) => {
      process.send(() =>
        agenda.after(random.between(1, 5), () => {
          const reachable = topology.nodes.some(({ node, up }) => up && parts.reaches(node))
          const failed = new parts.rxweft.errors.RetriableError('BROKERS_UNREACHABLE', 'simulated')
          const done = reachable ? act() : undefined
          process.receive(() => (reachable ? resolve(done as A) : reject(failed)))
        }),
      )
    })
  }

  const admin = {
    connect: () => trip(() => undefined),
    disconnect: async () => undefined,
    createTopics: ({ topics }: { topics: { topic: string; numPartitions: number }[] }) =>
      trip(() => topics.every(({ topic, numPartitions }) => topology.create(topic, numPartitions))),
    createPartitions: ({ topicPartitions }: { topicPartitions: { topic: string; count: number }[] }) =>
      trip(() => topicPartitions.every(({ topic, count }) => topology.grow(topic, count))),
  }

  return {
    brokers: topology.nodes.map(({ node }) => `node-${node}:9092`),
    connect: (name) =>
      trip(() => {
        const set = connections(name, parts)
        sets.push(set)
        return set
      }),
    admin: () => admin as unknown as Admin,
    groupOffsets: (group) => brokers.shared.groups.committed(group),
    cut(node) {
      for (const set of sets) set.cut(node)
    },
  }
}
