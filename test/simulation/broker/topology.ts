/** Nodes, topics and who leads what, as it is; and as each node believes that it is (images). controller.ts changes it. */
import type { Metadata, TopicMetadata } from '../../../src/kafka/protocol/metadata.ts'
import { errors } from './errors.ts'
import { type Image, imageOf } from './image.ts'
import { type Led, led, type Replica } from './led.ts'
import type { TransactionStates } from './transactions.ts'

export interface Node {
  readonly node: number
  up: boolean
  /** Reaches neither the other brokers nor the controller; clients reach it. */
  cutOff: boolean
  /** What it believes; null: what is so. */
  image: Image | null
}

export interface Topology {
  readonly nodes: readonly Node[]
  readonly partitions: readonly Led[]
  /** Transactional ids and groups, and their coordinators. */
  readonly coordinators: Map<string, number>
  isUp(node: number): boolean
  find(topic: string, partition: number): Led | undefined
  /** What `node` has to answer with; null where it does not think that it leads the partition. */
  replica(node: number, partition: Led): Replica | null
  /** The epoch at which `node` believes the partition to be. */
  epoch(node: number, partition: Led): number
  topicId(topic: string): string
  /** False where it exists. */
  create(topic: string, partitions: number, minIsr?: number): boolean
  /** Deletes it with all that is in it. */
  remove(topic: string): void
  /** So many partitions in all; false where there are as many already. */
  grow(topic: string, partitions: number): boolean
  /** The coordinator of a transactional id or group, as `node` believes; -1: none. Default: as it is. */
  coordinator(key: string, node?: number): number
  /** What `node` answers. */
  metadata(node: number, topics: readonly string[]): Metadata
}

/** @param minIsr of topics that are created without a word about it */
export function topology(count: number, minIsr = 1): Topology {
  const nodes = Array.from({ length: count }, (_, at): Node => ({ node: at + 1, up: true, cutOff: false, image: null }))
  const partitions: Led[] = []
  const byName = new Map<string, Led[]>()
  const coordinators = new Map<string, number>()
  let turn = 0

  const at = (node: number): Node => nodes[node - 1] as Node
  const isUp = (node: number): boolean => nodes[node - 1]?.up ?? false
  const next = (): number => nodes[turn++ % nodes.length]?.node ?? -1

  function coordinator(key: string, node?: number): number {
    const known = coordinators.get(key) ?? next()
    coordinators.set(key, known)
    const believed = node === undefined ? known : (at(node).image?.coordinators.get(key) ?? known)
    return isUp(believed) ? believed : -1
  }

  function describe(name: string, image: Image | null): TopicMetadata {
    const all = byName.get(name)?.filter((one) => image === null || image.leaders.has(one)) ?? []
    if (all.length === 0) return { errorCode: errors.unknownTopic, name, topicId: '', partitions: [] }
    const described = all.map((one) => {
      const { leader, epoch } = image?.leaders.get(one) ?? one
      return { errorCode: 0, partition: one.partition, leader: isUp(leader) ? leader : -1, leaderEpoch: epoch }
    })
    return { errorCode: 0, name, topicId: `id of ${name}`, partitions: described }
  }

  /** Adds partitions up to this number. */
  function fill(topic: string, number: number, least: number): number {
    const all = byName.get(topic) ?? []
    byName.set(topic, all)
    const replicas = nodes.map(({ node }) => node)
    const added = Array.from({ length: Math.max(0, number - all.length) }, (_, at) => {
      return led(topic, all.length + at, next(), replicas, least)
    })
    all.push(...added)
    partitions.push(...added)
    return added.length
  }

  return {
    ...{ nodes, partitions, coordinators, isUp, coordinator },
    find: (topic, partition) => byName.get(topic)?.[partition],
    replica(node, partition) {
      const { image } = at(node)
      if (image === null) return partition.leader === node ? partition : null
      if (image.leaders.get(partition)?.leader !== node) return null
      return partition.leader === node ? partition : (partition.deposed.get(node) ?? null)
    },
    epoch: (node, partition) => (at(node).image?.leaders.get(partition) ?? partition).epoch,
    topicId: (topic) => `id of ${topic}`,
    create(topic, number, least = minIsr) {
      if (byName.has(topic)) return false
      fill(topic, number, least)
      return true
    },
    remove(topic) {
      byName.delete(topic)
      const left = partitions.filter((one) => one.topic !== topic)
      partitions.splice(0, partitions.length, ...left)
    },
    grow: (topic, number) => fill(topic, number, byName.get(topic)?.[0]?.minIsr ?? minIsr) > 0,
    metadata(node, topics) {
      const { image } = at(node)
      const living = nodes.filter(({ up }) => up).map((one) => one.node)
      return {
        brokers: living.map((one) => ({ node: one, host: `node-${one}`, port: 9092 })),
        controller: 1,
        topics: topics.map((name) => describe(name, image)),
      }
    },
  }
}

/** Whatever it hears from now on of who leads what, it hears nothing of it. */
export function freeze(topology: Topology, node: Node, transactions: TransactionStates): void {
  node.image ??= imageOf(topology, transactions)
}
