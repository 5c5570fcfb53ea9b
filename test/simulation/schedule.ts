/** One schedule, all of it out of one seed: a job under faults, then calm, a last owner that runs to the end, and the verdict. */
import { ledgerProblems } from './checks/ledgerProblems.ts'
import { decisionsSince, isMismatch, lossProblems } from './checks/lossProblems.ts'
import { outputProblems } from './checks/outputProblems.ts'
import { isHonest, ownerProblems, refused, replaced } from './checks/ownerProblems.ts'
import { planProblems } from './checks/planProblems.ts'
import { stateProblems } from './checks/stateProblems.ts'
import { disasterOf, type SimulationConfig, simulationConfig } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { type Director, director } from './director.ts'
import { setClocks } from './faults/clocks.ts'
import { type LedgerLoss, loseLedger } from './faults/ledgerLoss.ts'
import { cutPowerNowAndThen } from './faults/powerCuts.ts'
import { feeder } from './feeder.ts'
import type { Owner } from './job/owner.ts'
import { world as makeWorld, type World } from './world.ts'

export interface Verdict {
  readonly seed: number
  readonly config: SimulationConfig
  /** Empty: all is well. */
  readonly problems: readonly string[]
  readonly decisions: number
  readonly records: number
  readonly trace: readonly string[]
}

/** Seeds of clocks, and of disasters, begin here. */
const clockSeeds = 1_000_000_000
const disasterSeeds = 2_000_000_000

/** Virtual ms that the last owner has to finish, and that zombies have afterwards to do harm. */
const patience = 60_000
const aftermath = 1_500

/** @param spread the job over shards */
export async function runSchedule(rxweft: Rxweft, seed: number, traced = false, spread = false): Promise<Verdict> {
  const random = seededRandom(seed)
  const chances = { random, clocks: seededRandom(seed + clockSeeds), disasters: seededRandom(seed + disasterSeeds) }
  const plain = simulationConfig(random, spread, seed)
  const config = { ...plain, disaster: disasterOf(chances.disasters, plain) }
  const world = makeWorld(rxweft, config, chances, traced)
  return withAmbient(random, world.agenda, async () => {
    const problems = await perform(world)
    const records = config.sinks.flatMap(
      (sink) => world.brokers.shared.topology.find(sink, 0)?.log.batches ?? [],
    ).length
    return { seed, config, problems, decisions: world.decisions.length, records, trace: world.trace.lines }
  })
}

async function perform(world: World): Promise<readonly string[]> {
  const { agenda, config, random } = world
  const directing = director(world)
  const feeding = feeder(world)
  for (let i = 0; i < config.writes; i++) agenda.after(random.below(config.horizon), feeding.write)
  for (let i = 0; i < config.faults; i++) agenda.after(random.below(config.horizon), directing.act)
  agenda.after(config.horizon, feeding.finish)
  agenda.after(config.horizon, directing.heal)
  setClocks(world, config, directing.owners)
  expireNowAndThen(world)
  cutPowerNowAndThen(world, directing)
  directing.start()
  await agenda.runUntil(() => false, agenda.now() + config.horizon)
  const loss = await loseLedger(world, directing)
  const last = await runLast(world, directing)
  await agenda.runUntil(() => false, agenda.now() + aftermath)
  return verdict(world, directing, last, loss)
}

/** As the broker does, every now and then, with what has been open for too long. */
function expireNowAndThen({ agenda, brokers }: World): void {
  agenda.after(50, () => {
    brokers.shared.transactions.expire()
    expireNowAndThen({ agenda, brokers } as World)
  })
}

/** Until one finishes: another that had just started may have replaced the first, or have decided another number of shards. */
async function runLast({ agenda }: World, directing: Director): Promise<Owner> {
  const limit = agenda.now() + patience
  for (;;) {
    const last = directing.start('latest')
    const ended = await agenda.runUntil(() => last.end !== null, limit)
    if (!ended || !(replaced(last.end) || refused(last.end))) return last
  }
}

function verdict(all: World, { owners }: Director, last: Owner, loss: LedgerLoss | null): readonly string[] {
  const world = { ...all, decisions: decisionsSince(all.decisions, loss) }
  const stopped = (world.config.lyingDisk && isHonest(last.end)) || (loss !== null && isMismatch(last.end))
  return [
    ...(last.end === null ? [`${last.process.name} has not finished after ${patience} ms`] : []),
    ...owners.flatMap(({ punctual }) => punctual.problems),
    ...ownerProblems(all, owners, last, loss),
    ...lossProblems(all, loss, last),
    ...outputProblems(world, last.end !== null && !stopped),
    ...world.undecided,
    ...ledgerProblems(world),
    ...planProblems(world),
    ...stateProblems(world),
  ]
}
