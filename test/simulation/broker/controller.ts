/**
 * The controller: elects leaders out of the in-sync replicas and nobody else, takes replicas out of sync that do not follow, and
 * back in when they do. Nodes come and go at once; `settle` is when it notices.
 */
import type { Random } from '../core/random.ts'
import { catchUp, depose, type Led } from './led.ts'
import { freeze, type Node, type Topology } from './topology.ts'
import type { TransactionStates } from './transactions.ts'

export interface Controller {
  /** Notices which nodes there are. */
  settle(): void
  /** The partition gets another leader, if there is one in sync. */
  move(partition: Led): void
  moveCoordinator(key: string): void
  down(node: Node): void
  up(node: Node): void
  /** It hears nothing of what the controller does, and believes what it has heard last; `cutOff`: it reaches no other broker either. */
  isolate(node: Node, cutOff: boolean): void
  /** It reaches the other brokers again. */
  reconnect(node: Node): void
  /** It hears what has happened. */
  inform(node: Node): void
}

/** Whether its leader's followers get what it appends: all that are in sync. */
export function followed({ nodes, isUp }: Topology, { leader, isr }: Led): boolean {
  const reached = (node: number): boolean => isUp(node) && !(nodes[node - 1] as Node).cutOff
  return isUp(leader) && isr.every((node) => node === leader || (reached(node) && reached(leader)))
}

/** Whether what is appended now is replicated at once, and enough replicas have it. */
export function isReplicated(topology: Topology, partition: Led): boolean {
  return partition.ahead === null && partition.isr.length >= partition.minIsr && followed(topology, partition)
}

/** @param states of transactions at the moment */
export function controller(
  topology: Topology,
  random: Random,
  progressed: () => void,
  states: () => TransactionStates,
): Controller {
  const { nodes, partitions, coordinators } = topology
  const follows = (node: number): boolean => {
    const { up, cutOff } = nodes[node - 1] as Node
    return up && !cutOff
  }
  /** Who hears what the controller says may be elected. */
  const electable = (node: number): boolean => follows(node) && nodes[node - 1]?.image === null

  function elect(partition: Led, candidates: readonly number[]): void {
    if (candidates.length === 0) return
    const { leader: old, isr } = partition
    // A leader that is cut off has given what it has to nobody.
    const kept = !(nodes[old - 1] as Node).cutOff && random.chance(0.5)
    const hears = !topology.isUp(old) || nodes[old - 1]?.image === null
    depose(partition, random.pick(candidates), kept, hears)
    // It follows nobody until it hears of its successor.
    if (!hears) partition.isr = isr.filter((node) => node !== old)
  }

  function settle(): void {
    for (const partition of partitions) {
      if (!follows(partition.leader)) elect(partition, partition.isr.filter(electable))
      const { leader, isr, deposed } = partition
      // The only one in sync that is gone takes the partition along until it is back.
      if (!follows(leader)) continue
      const following = nodes.map(({ node }) => node).filter((node) => follows(node) && !deposed.has(node))
      partition.isr = [...new Set([leader, ...following.filter((node) => isr.includes(node) || electable(node))])]
      if (followed(topology, partition)) catchUp(partition)
    }
    for (const [key, node] of coordinators) if (!follows(node)) moveCoordinator(key)
    progressed()
  }

  function moveCoordinator(key: string): void {
    const candidates = nodes.map(({ node }) => node).filter(electable)
    if (candidates.length > 0) coordinators.set(key, random.pick(candidates))
  }

  function forget(node: Node): void {
    node.image = null
    for (const { deposed } of partitions) deposed.delete(node.node)
  }

  return {
    settle,
    moveCoordinator,
    move(partition) {
      elect(
        partition,
        partition.isr.filter((node) => node !== partition.leader && electable(node)),
      )
      settle()
    },
    down(node) {
      node.up = false
      node.cutOff = false
      forget(node)
    },
    up(node) {
      node.up = true
      settle()
    },
    isolate(node, cutOff) {
      freeze(topology, node, states())
      node.cutOff ||= cutOff
    },
    reconnect(node) {
      node.cutOff = false
      settle()
    },
    inform(node) {
      node.cutOff = false
      forget(node)
      settle()
    },
  }
}
