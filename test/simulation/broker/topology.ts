/** Nodes, topics and who leads what: what moves when brokers come and go. */
import type { Metadata, TopicMetadata } from '../../../src/kafka/protocol/metadata.ts'
import { errors } from './errors.ts'
import { type PartitionLog, partitionLog } from './partitionLog.ts'

export interface Led {
  readonly topic: string
  readonly partition: number
  readonly log: PartitionLog
  /** -1: nobody at the moment. */
  leader: number
}

export interface Topology {
  readonly nodes: readonly { readonly node: number; up: boolean }[]
  readonly partitions: readonly Led[]
  isUp(node: number): boolean
  find(topic: string, partition: number): Led | undefined
  topicId(topic: string): string
  /** False where it exists. */
  create(topic: string, partitions: number): boolean
  /** So many partitions in all; false where there are as many already. */
  grow(topic: string, partitions: number): boolean
  /** The coordinator of a transactional id or group; -1: none. */
  coordinator(key: string): number
  moveCoordinator(key: string, node: number): void
  /** Gives to nodes that are up what belongs to nodes that are down. */
  elect(choose: (nodes: readonly number[]) => number): void
  metadata(topics: readonly string[]): Metadata
}

export function topology(count: number): Topology {
  const nodes = Array.from({ length: count }, (_, at) => ({ node: at + 1, up: true }))
  const partitions: Led[] = []
  const byName = new Map<string, Led[]>()
  const coordinators = new Map<string, number>()
  let turn = 0

  const isUp = (node: number): boolean => nodes[node - 1]?.up ?? false
  const living = (): number[] => nodes.filter(({ up }) => up).map(({ node }) => node)

  function coordinator(key: string): number {
    const known = coordinators.get(key) ?? nodes[turn++ % nodes.length]?.node ?? -1
    coordinators.set(key, known)
    return isUp(known) ? known : -1
  }

  function describe(name: string): TopicMetadata {
    const led = byName.get(name)
    if (led === undefined) return { errorCode: errors.unknownTopic, name, topicId: '', partitions: [] }
    const described = led.map(({ partition, leader }) => {
      return { errorCode: 0, partition, leader: isUp(leader) ? leader : -1, leaderEpoch: 0 }
    })
    return { errorCode: 0, name, topicId: `id of ${name}`, partitions: described }
  }

  return {
    nodes,
    partitions,
    isUp,
    find: (topic, partition) => byName.get(topic)?.[partition],
    topicId: (topic) => `id of ${topic}`,
    create(topic, number) {
      if (byName.has(topic)) return false
      const led = Array.from({ length: number }, (_, partition): Led => {
        return { topic, partition, log: partitionLog(), leader: nodes[turn++ % nodes.length]?.node ?? -1 }
      })
      byName.set(topic, led)
      partitions.push(...led)
      return true
    },
    grow(topic, number) {
      const led = byName.get(topic) ?? []
      const added = Array.from({ length: Math.max(0, number - led.length) }, (_, at): Led => {
        const leader = nodes[turn++ % nodes.length]?.node ?? -1
        return { topic, partition: led.length + at, log: partitionLog(), leader }
      })
      led.push(...added)
      partitions.push(...added)
      return added.length > 0
    },
    coordinator,
    moveCoordinator: (key, node) => void coordinators.set(key, node),
    elect(choose) {
      const candidates = living()
      if (candidates.length === 0) return
      for (const led of partitions) if (!isUp(led.leader)) led.leader = choose(candidates)
      for (const [key, node] of coordinators) if (!isUp(node)) coordinators.set(key, choose(candidates))
    },
    metadata: (topics) => ({
      brokers: living().map((node) => ({ node, host: `node-${node}`, port: 9092 })),
      controller: 1,
      topics: topics.map(describe),
    }),
  }
}
