/**
 * The takeover through a deposed leader, step by step: A commits 0, 1, 2 and more at the new leader of the ledger; the former one, X, has not heard
 * of it; A dies; B reaches X, and a coordinator that is as far behind, but not yet whoever knows better. Random schedules come to it now and then; this one does always.
 */
import { ledgerProblems } from './checks/ledgerProblems.ts'
import { outputProblems } from './checks/outputProblems.ts'
import { ledgerTopic } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import type { Rxweft } from './core/rxweft.ts'
import { deceived, deposedNodes, deposedWorld, ownerOptions } from './deposedWorld.ts'
import { feeder } from './feeder.ts'
import { owner } from './job/owner.ts'
import type { World } from './world.ts'

export interface DeposedLeaderVerdict {
  readonly problems: readonly string[]
  readonly trace: readonly string[]
  /** The last checkpoint of A. */
  readonly last: number
}

/** One such schedule; the seed chooses the protocol, the pace, what X knows, and for how long B does not reach who knows better. */
export function deposedLeader(rxweft: Rxweft, seed: number): Promise<DeposedLeaderVerdict> {
  const world = deposedWorld(rxweft, seed, { partitions: 1, shards: [1] })
  return withAmbient(world.random, world.agenda, async () => {
    const problems = await play(world)
    const [a] = world.decisions
    const last = world.decisions.findLast(({ entry }) => entry.owner === a?.entry.owner)?.entry.checkpoint ?? -1
    return { problems, trace: world.trace.lines, last }
  })
}

const options = ownerOptions(1)

/** What is wrong in the end. */
async function play(world: World): Promise<readonly string[]> {
  const { agenda, brokers, decisions, random } = world
  const feeding = feeder(world)
  const until = (done: () => boolean) => agenda.runUntil(done, agenda.now() + 5_000)
  const nodes = deposedNodes(world, ledgerTopic, 1)
  const { slow, knowing, depose } = nodes
  for (const turn of [0, 1])
    brokers.shared.topology.coordinators.set(`transaction rxweft/simulated/0/${turn}`, slow.node)
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

  const ended = await deceived(world, nodes, options, () => decisions.length, until)
  return [...ended, ...outputProblems(world, true), ...ledgerProblems(world)]
}
