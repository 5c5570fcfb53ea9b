/**
 * Nodes that do not know what has become of the cluster: they hear nothing from the controller for a while (a leader that was deposed
 * goes on as one), and perhaps reach no other broker either, as after a SIGSTOP or behind a torn cable. Clients reach them all the same,
 * and perhaps not those that know better.
 */
import type { Led } from '../broker/led.ts'
import type { Node } from '../broker/topology.ts'
import { ledgerTopic } from '../config.ts'
import type { World } from '../world.ts'
import type { Crowd } from './crowd.ts'
import type { Fault } from './fault.ts'
import type { Weather } from './weather.ts'

export interface Rifts {
  readonly faults: readonly Fault[]
}

export function rifts(
  { random, agenda, trace, brokers }: World,
  people: Pick<Crowd, 'start' | 'killOne'>,
  weather: Pick<Weather, 'soon'>,
): Rifts {
  const { topology, controller } = brokers.shared
  const note = (what: string): void => trace.note(() => `director: ${what}`)

  /** One that may be left behind, often the one that matters most: the others must be able to go on. */
  function some(): Node | null {
    const { nodes } = topology
    if (nodes.length < 2 || nodes.some(({ image, up }) => image !== null || !up)) return null
    const [decider] = topology.partitions.filter(({ topic }) => topic === ledgerTopic)
    const leader = nodes.find(({ node }) => node === decider?.leader)
    return leader !== undefined && random.chance(0.5) ? leader : random.pick(nodes)
  }

  const others = (node: Node): readonly Node[] => topology.nodes.filter((one) => one !== node)

  function rejoin(node: Node): void {
    if (node.image === null) return
    note(`node ${node.node} hears of everything`)
    controller.inform(node)
  }

  /** Whoever starts now may begin with a node that does not know. @param hidden it does not reach these, for a while */
  function replaceOwner(node: Node, hidden: readonly Node[] = []): void {
    people.killOne()
    const heir = people.start(undefined, node.node)
    const until = agenda.now() + random.between(20, 400)
    for (const one of hidden) heir.hidden.set(one.node, until)
  }

  /** It is deposed after a while; later it reaches the others again, and later still the controller. */
  function cutOff(): void {
    const node = some()
    if (node === null) return
    note(`node ${node.node} is cut off from the others`)
    controller.isolate(node, true)
    agenda.after(random.between(0, 150), controller.settle)
    if (random.chance(0.5)) weather.soon(random.between(50, 600), () => replaceOwner(node))
    const back = random.between(100, 1_200)
    agenda.after(back, () => {
      if (!node.cutOff) return
      note(`node ${node.node} reaches the others, and not the controller`)
      controller.reconnect(node)
    })
    agenda.after(back + random.pick([0, 0, 300, 800]), () => rejoin(node))
  }

  /** It is slow to hear what happens, and something does. */
  function lag(): void {
    const node = some()
    if (node === null) return
    note(`node ${node.node} hears nothing from the controller`)
    controller.isolate(node, false)
    const [knowing, ...rest] = random.chance(0.5) ? others(node) : others(node).toReversed()
    const slow = random.chance(0.5) ? rest : []
    for (const one of slow) controller.isolate(one, false)
    const its = (): readonly Led[] => topology.partitions.filter(({ leader }) => leader === node.node)
    for (const led of its()) if (random.chance(0.8)) agenda.after(random.between(0, 100), () => controller.move(led))
    if (random.chance(0.5) && knowing !== undefined)
      weather.soon(random.between(50, 600), () => replaceOwner(node, random.chance(0.7) ? [knowing] : []))
    for (const one of [node, ...slow]) agenda.after(random.between(20, 1_000), () => rejoin(one))
  }

  return {
    faults: [
      { weight: 3, act: cutOff },
      { weight: 2, act: lag },
    ],
  }
}
