/** Brokers that go and come back, leaders and coordinators that move, and somebody else who commits offsets of the group. */
import { sourceTopic } from '../config.ts'
import type { World } from '../world.ts'
import type { Crowd } from './crowd.ts'
import type { Fault } from './fault.ts'

export interface Moves {
  readonly faults: readonly Fault[]
  heal(): void
}

export function moves({ random, agenda, trace, brokers, config }: World, { owners }: Pick<Crowd, 'owners'>): Moves {
  const { topology, groups, transactions } = brokers.shared
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const anyNode = (): number => random.pick(topology.nodes).node

  function elect(): void {
    topology.elect((nodes) => random.pick(nodes))
    brokers.shared.progressed()
  }

  function nodeDown(): void {
    const state = random.pick(topology.nodes)
    note(`node ${state.node} goes down`)
    state.up = false
    for (const one of owners) one.cluster.cut(state.node)
    agenda.after(random.between(0, 100), elect)
    agenda.after(random.between(50, 700), () => {
      note(`node ${state.node} is up`)
      state.up = true
      elect()
    })
  }

  function moveLeader(): void {
    const led = random.pick(topology.partitions)
    led.leader = anyNode()
    note(`node ${led.leader} leads ${led.topic}/${led.partition}`)
    elect()
  }

  function moveCoordinators(): void {
    note('coordinators move')
    for (const id of transactions.all.keys()) topology.moveCoordinator(`transaction ${id}`, anyNode())
    topology.moveCoordinator('group group', anyNode())
    elect()
  }

  function foreignOffsets(): void {
    const partition = random.below(config.partitions)
    groups.commit('group', [{ topic: sourceTopic, partition, offset: random.below(50) }])
  }

  return {
    faults: [
      { weight: 2, act: nodeDown },
      { weight: 2, act: moveLeader },
      { weight: 1, act: moveCoordinators },
      { weight: 1, act: foreignOffsets },
    ],
    heal() {
      for (const state of topology.nodes) state.up = true
      elect()
    },
  }
}
