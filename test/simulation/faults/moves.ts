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
  const { topology, controller, groups } = brokers.shared
  const note = (what: string): void => trace.note(() => `director: ${what}`)

  function nodeDown(): void {
    const state = random.pick(topology.nodes)
    note(`node ${state.node} goes down`)
    controller.down(state)
    for (const one of owners) one.cluster.cut(state.node)
    agenda.after(random.between(0, 100), controller.settle)
    agenda.after(random.between(50, 700), () => {
      note(`node ${state.node} is up`)
      controller.up(state)
    })
  }

  function moveLeader(): void {
    const led = random.pick(topology.partitions)
    controller.move(led)
    note(`node ${led.leader} leads ${led.topic}/${led.partition}`)
  }

  function moveCoordinators(): void {
    note('coordinators move')
    for (const key of topology.coordinators.keys()) controller.moveCoordinator(key)
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
      for (const state of topology.nodes) {
        controller.inform(state)
        controller.up(state)
      }
    },
  }
}
