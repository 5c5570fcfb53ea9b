/** What the stories of a deposed leader have in common: a quiet cluster of three nodes, and a start that reaches the deposed one first. */
import { type SimulationConfig, simulationConfig } from './config.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { type OwnerOptions, owner } from './job/owner.ts'
import { noFaults } from './network/faultRates.ts'
import { world as makeWorld, type World } from './world.ts'

export function deposedWorld(
  rxweft: Rxweft,
  seed: number,
  given: Pick<SimulationConfig, 'partitions' | 'shards'>,
  spread = false,
): World {
  const random = seededRandom(seed)
  const config: SimulationConfig = {
    ...simulationConfig(random, spread),
    ...{ nodes: 3, minIsr: 2, interval: random.pick([20, 40]), minPause: 0, timeout: 3_000 },
    ...{ requestTimeout: 200, transactionTimeout: 10_000, startFrom: 'earliest', sinks: ['sink'], linger: 0 },
    ...{ maxConcurrent: 1, maxInFlight: 50_000, lyingDisk: false, ...given },
  }
  const chances = { random, clocks: seededRandom(seed), disasters: seededRandom(seed) }
  return makeWorld(rxweft, config, chances, true)
}

export function ownerOptions(shards: number): OwnerOptions {
  return {
    ...{ until: undefined, bootstrap: undefined, shards, dieAt: undefined },
    ...{ rates: noFaults, aimed: new Map() },
  }
}

/** The topic's leader X, which is to be deposed, a node that hears of it late, and one that knows. */
export function deposedNodes({ brokers }: World, topic: string, partitions: number) {
  const { topology, controller } = brokers.shared
  topology.create(topic, partitions)
  const led = topology.find(topic, 0)
  const x = topology.nodes.find(({ node }) => node === led?.leader)
  const [slow, knowing] = topology.nodes.filter((node) => node !== x)
  if (led === undefined || x === undefined || slow === undefined || knowing === undefined) throw new Error('no leader')
  return {
    ...{ x, slow, knowing },
    depose() {
      for (const node of [x, slow]) controller.isolate(node, false)
      controller.move(led)
    },
    inform() {
      for (const node of [x, slow]) controller.inform(node)
    },
  }
}

/**
 * The last act: B reaches X first, and for a while nobody who knows better; once it has `decided` something, everybody hears the truth, and B
 * is to come to its end. Says what is wrong with that.
 */
export async function deceived(
  world: World,
  { x, knowing, inform }: ReturnType<typeof deposedNodes>,
  options: OwnerOptions,
  decided: () => number,
  until: (done: () => boolean) => Promise<unknown>,
): Promise<readonly string[]> {
  const { agenda, random } = world
  const b = owner(world, 'B', { ...options, bootstrap: x.node, until: 'latest' })
  b.hidden.set(knowing.node, agenda.now() + random.between(100, 600))
  const before = decided()
  await until(() => decided() > before)
  inform()
  await agenda.runUntil(() => b.end !== null, agenda.now() + 60_000)
  // Until the last markers are written.
  await agenda.runUntil(() => false, agenda.now() + 1_000)
  return b.end !== null && 'outcome' in b.end ? [] : [`B has not come to its end: ${JSON.stringify(b.end)}`]
}
