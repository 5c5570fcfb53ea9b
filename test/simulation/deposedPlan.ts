/**
 * A plan written through a deposed leader, step by step: A writes plan 1; the leader of the plan topic moves away from X, which has not heard of
 * it; A2 writes plan 2 at the new leader and decides checkpoints; B reaches X first, which shows plan 1. Two shards each.
 */
import { ledgerProblems } from './checks/ledgerProblems.ts'
import { outputProblems } from './checks/outputProblems.ts'
import { planProblems } from './checks/planProblems.ts'
import { planTopic, planWriter, type SimulationConfig, simulationConfig } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { feeder } from './feeder.ts'
import { type OwnerOptions, owner } from './job/owner.ts'
import { noFaults } from './network/faultRates.ts'
import { world as makeWorld, type World } from './world.ts'

export interface DeposedPlanVerdict {
  readonly problems: readonly string[]
  /** Numbers of the plans, in the order in which they were decided. */
  readonly plans: readonly number[]
}

/** One such schedule; the seed chooses the protocol, the pace, and for how long B does not reach who knows better. */
export function deposedPlan(rxweft: Rxweft, seed: number): Promise<DeposedPlanVerdict> {
  const random = seededRandom(seed)
  const config: SimulationConfig = {
    ...simulationConfig(random, true),
    ...{ nodes: 3, partitions: 2, minIsr: 2, interval: random.pick([20, 40]), minPause: 0, timeout: 3_000 },
    ...{ requestTimeout: 200, transactionTimeout: 10_000, startFrom: 'earliest', sinks: ['sink'], linger: 0 },
    ...{ maxConcurrent: 1, maxInFlight: 50_000, lyingDisk: false, shards: [2, 2] },
  }
  const chances = { random, clocks: seededRandom(seed), disasters: seededRandom(seed) }
  const world = makeWorld(rxweft, config, chances, true)
  return withAmbient(random, world.agenda, async () => {
    const problems = await play(world)
    return { problems, plans: world.plans.map(({ plan }) => plan.number) }
  })
}

const options: OwnerOptions = {
  ...{ until: undefined, bootstrap: undefined, shards: 2, dieAt: undefined },
  ...{ rates: noFaults, aimed: new Map() },
}

/** What is wrong in the end. */
async function play(world: World): Promise<readonly string[]> {
  const { agenda, brokers, decisions, plans, random } = world
  const { topology, controller } = brokers.shared
  const feeding = feeder(world)
  const until = (done: () => boolean) => agenda.runUntil(done, agenda.now() + 10_000)
  const pause = (time: number) => agenda.runUntil(() => false, agenda.now() + time)
  topology.create(planTopic, 2)
  const led = topology.find(planTopic, 0)
  const x = topology.nodes.find(({ node }) => node === led?.leader)
  const [slow, knowing] = topology.nodes.filter((node) => node !== x)
  if (led === undefined || x === undefined || slow === undefined || knowing === undefined) throw new Error('no plan')
  topology.coordinators.set(`transaction ${planWriter}`, slow.node)

  const a = owner(world, 'A', { ...options, bootstrap: knowing.node })
  await until(() => plans.length > 0)
  // Until its markers are written, too.
  await pause(30)
  a.kill()
  for (const node of [x, slow]) controller.isolate(node, false)
  controller.move(led)

  const second = owner(world, 'A2', { ...options, bootstrap: knowing.node })
  await until(() => plans.length > 1)
  feeding.write()
  feeding.finish()
  await until(() => [0, 1].every((shard) => decisions.some((one) => one.shard === shard && one.entry.checkpoint > 1)))
  second.kill()

  const b = owner(world, 'B', { ...options, bootstrap: x.node, until: 'latest' })
  b.hidden.set(knowing.node, agenda.now() + random.between(100, 600))
  const before = plans.length
  await until(() => plans.length > before)
  for (const node of [x, slow]) controller.inform(node)
  await agenda.runUntil(() => b.end !== null, agenda.now() + 60_000)
  await pause(1_000)
  const ended = b.end !== null && 'outcome' in b.end ? [] : [`B has not come to its end: ${JSON.stringify(b.end)}`]
  return [...ended, ...outputProblems(world, true), ...ledgerProblems(world), ...planProblems(world)]
}
