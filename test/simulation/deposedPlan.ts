/**
 * A plan written through a deposed leader, step by step: A writes plan 1; the leader of the plan topic moves away from X, which has not heard of
 * it; A2 writes plan 2 at the new leader and decides checkpoints; B reaches X first, which shows plan 1. Two shards each.
 */
import { ledgerProblems } from './checks/ledgerProblems.ts'
import { outputProblems } from './checks/outputProblems.ts'
import { planProblems } from './checks/planProblems.ts'
import { planTopic, planWriter } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import type { Rxweft } from './core/rxweft.ts'
import { deceived, deposedNodes, deposedWorld, ownerOptions } from './deposedWorld.ts'
import { feeder } from './feeder.ts'
import { owner } from './job/owner.ts'
import type { World } from './world.ts'

export interface DeposedPlanVerdict {
  readonly problems: readonly string[]
  /** Numbers of the plans, in the order in which they were decided. */
  readonly plans: readonly number[]
}

/** One such schedule; the seed chooses the protocol, the pace, and for how long B does not reach who knows better. */
export function deposedPlan(rxweft: Rxweft, seed: number): Promise<DeposedPlanVerdict> {
  const world = deposedWorld(rxweft, seed, { partitions: 2, shards: [2, 2] }, true)
  return withAmbient(world.random, world.agenda, async () => {
    const problems = await play(world)
    return { problems, plans: world.plans.map(({ plan }) => plan.number) }
  })
}

const options = ownerOptions(2)

/** What is wrong in the end. */
async function play(world: World): Promise<readonly string[]> {
  const { agenda, brokers, decisions, plans } = world
  const feeding = feeder(world)
  const until = (done: () => boolean) => agenda.runUntil(done, agenda.now() + 10_000)
  const nodes = deposedNodes(world, planTopic, 2)
  const { slow, knowing } = nodes
  brokers.shared.topology.coordinators.set(`transaction ${planWriter}`, slow.node)

  const a = owner(world, 'A', { ...options, bootstrap: knowing.node })
  await until(() => plans.length > 0)
  // Until its markers are written, too.
  await agenda.runUntil(() => false, agenda.now() + 30)
  a.kill()
  nodes.depose()

  const second = owner(world, 'A2', { ...options, bootstrap: knowing.node })
  await until(() => plans.length > 1)
  feeding.write()
  feeding.finish()
  await until(() => [0, 1].every((shard) => decisions.some((one) => one.shard === shard && one.entry.checkpoint > 1)))
  second.kill()

  const ended = await deceived(world, nodes, options, () => plans.length, until)
  return [...ended, ...outputProblems(world, true), ...ledgerProblems(world), ...planProblems(world)]
}
