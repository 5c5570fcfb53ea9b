/**
 * The takeover through a deposed leader, step by step: A commits 0, 1, 2 and more at the new leader of the ledger; the former one, X, has not heard
 * of it; A dies; B reaches X, and a coordinator that is as far behind, but not yet whoever knows better. Random schedules come to it now and then; this one does always.
 */
import { ledgerProblems } from './checks/ledgerProblems.ts'
import { outputProblems } from './checks/outputProblems.ts'
import { ledgerTopic, type SimulationConfig, simulationConfig } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { feeder } from './feeder.ts'
import { type OwnerOptions, owner } from './job/owner.ts'
import { noFaults } from './network/faultRates.ts'
import { world as makeWorld, type World } from './world.ts'

export interface DeposedLeaderVerdict {
  readonly problems: readonly string[]
  readonly trace: readonly string[]
  /** The last checkpoint of A. */
  readonly last: number
}

/** One such schedule; the seed chooses the protocol, the pace, what X knows, and for how long B does not reach who knows better. */
export function deposedLeader(rxweft: Rxweft, seed: number): Promise<DeposedLeaderVerdict> {
  const random = seededRandom(seed)
  const config: SimulationConfig = {
    ...simulationConfig(random),
    ...{ nodes: 3, partitions: 1, minIsr: 2, interval: random.pick([20, 40]), minPause: 0, timeout: 3_000 },
    ...{ requestTimeout: 200, transactionTimeout: 10_000, startFrom: 'earliest', sinks: ['sink'], linger: 0 },
    ...{ maxConcurrent: 1, maxInFlight: 50_000, lyingDisk: false, shards: [1] },
  }
  const chances = { random, clocks: seededRandom(seed), disasters: seededRandom(seed) }
  const world = makeWorld(rxweft, config, chances, true)
  return withAmbient(random, world.agenda, async () => {
    const problems = await play(world)
    const [a] = world.decisions
    const last = world.decisions.findLast(({ entry }) => entry.owner === a?.entry.owner)?.entry.checkpoint ?? -1
    return { problems, trace: world.trace.lines, last }
  })
}

const options: OwnerOptions = {
  ...{ until: undefined, bootstrap: undefined, shards: 1, dieAt: undefined },
  ...{ rates: noFaults, aimed: new Map() },
}

/** What is wrong in the end. */
async function play(world: World): Promise<readonly string[]> {
  const { agenda, brokers, decisions, random } = world
  const { topology, controller } = brokers.shared
  const feeding = feeder(world)
  const until = (done: () => boolean) => agenda.runUntil(done, agenda.now() + 5_000)
  topology.create(ledgerTopic, 1)
  const led = topology.find(ledgerTopic, 0)
  const x = topology.nodes.find(({ node }) => node === led?.leader)
  const [slow, knowing] = topology.nodes.filter((node) => node !== x)
  if (led === undefined || x === undefined || slow === undefined || knowing === undefined) throw new Error('no ledger')
  for (const turn of [0, 1]) topology.coordinators.set(`transaction rxweft/simulated/0/${turn}`, slow.node)
  const depose = (): void => {
    for (const node of [x, slow]) controller.isolate(node, false)
    controller.move(led)
  }
  const knowsGenesis = random.chance(0.5)
  if (!knowsGenesis) depose()
  const a = owner(world, 'A', { ...options, bootstrap: knowing.node })
  await until(() => decisions.length > 0)
  if (knowsGenesis) {
    // Until its markers are written, too.
    await agenda.runUntil(() => false, agenda.now() + 30)
    depose()
  }
  for (let count = 0; count < 4; count++) {
    feeding.write()
    await until(() => decisions.length > count)
  }
  feeding.finish()
  await until(() => (decisions.at(-1)?.entry.checkpoint ?? 0) >= 3)
  a.kill()

  const b = owner(world, 'B', { ...options, bootstrap: x.node, until: 'latest' })
  b.hidden.set(knowing.node, agenda.now() + random.between(100, 600))
  const before = decisions.length
  await until(() => decisions.length > before)
  for (const node of [x, slow]) controller.inform(node)
  await agenda.runUntil(() => b.end !== null, agenda.now() + 60_000)
  // Until the last markers are written.
  await agenda.runUntil(() => false, agenda.now() + 1_000)
  const ended = b.end !== null && 'outcome' in b.end ? [] : ['B has not come to its end']
  return [...ended, ...outputProblems(world, true), ...ledgerProblems(world)]
}
