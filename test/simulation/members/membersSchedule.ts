/** One schedule of a job in several processes: trouble for a while, then calm, a check that all is well and balanced, and the verdict. */
import { chainProblems } from '../checks/ledgerProblems.ts'
import { outputProblems } from '../checks/outputProblems.ts'
import { planProblems } from '../checks/planProblems.ts'
import { stateProblems } from '../checks/stateProblems.ts'
import { withAmbient } from '../core/ambient.ts'
import { seededRandom } from '../core/random.ts'
import type { Rxweft } from '../core/rxweft.ts'
import type { Verdict } from '../schedule.ts'
import { world as makeWorld, type World } from '../world.ts'
import { type Crew, crew } from './crew.ts'
import { failureProblems, handOverProblems, leaveProblems, stuckProblems } from './handOverChecks.ts'
import { keepLast } from './lastSavepoint.ts'
import { isStorm, membersProblems, silences } from './membersChecks.ts'
import { type MembersConfig, membersConfig } from './membersConfig.ts'
import { type SteadyFeed, steadyFeed } from './steadyFeed.ts'

const [clockSeeds, disasterSeeds] = [1_000_000_000, 2_000_000_000]

/** Virtual ms until all must be quiet and balanced after the last fault, and until all must have stopped. */
const [calm, farewell] = [90_000, 60_000]

export async function runMembers(rxweft: Rxweft, seed: number, traced = false, large = false): Promise<Verdict> {
  const random = seededRandom(seed)
  const chances = { random, clocks: seededRandom(seed + clockSeeds), disasters: seededRandom(seed + disasterSeeds) }
  const config = membersConfig(random, large)
  const world = makeWorld(rxweft, config, chances, traced)
  return withAmbient(random, world.agenda, async () => {
    const problems = await perform(world, config)
    return { seed, config, problems, decisions: world.decisions.length, records: 0, trace: world.trace.lines }
  })
}

async function perform(world: World, config: MembersConfig): Promise<readonly string[]> {
  const { agenda, random, trace } = world
  const feeding = steadyFeed(world)
  const people = crew(world, config, feeding)
  expireNowAndThen(world)
  for (const instance of config.instances) agenda.after(random.below(3_000), () => people.start(instance))
  // The first faults come when the job has begun, so that most of them meet something.
  for (let i = 0; i < config.faults; i++) agenda.after(random.between(4_000, config.horizon), people.act)
  // It would go on until the end, which takes long.
  const storms = (): boolean => isStorm(world)
  if (await agenda.runUntil(storms, agenda.now() + config.horizon)) return [endless]
  trace.note(() => 'director: all is well again')
  people.heal()
  const healedAt = agenda.now()
  const isQuiet = (): boolean => people.balanced() && allCommit(world, config, people.living()) && isAsPlanned(world)
  const quiet = await agenda.runUntil(() => storms() || isQuiet(), healedAt + calm)
  if (storms()) return [endless]
  await agenda.runUntil(() => false, agenda.now() + 5_000)
  const unquiet = quiet && isQuiet() ? [] : [`not quiet and balanced: ${people.describe()}`]
  feeding.end()
  // What was written last is counted before all stop.
  await agenda.runUntil(() => false, agenda.now() + 5_000)
  trace.note(() => 'director: the job is to stop')
  people.stop()
  const last = keepLast(world, config.shardCount)
  // A process that dies while the job stops may leave a commit on its way.
  const victim = random.chance(0.4)
    ? people.nodes.findLast(({ process, end }) => process.state !== 'dead' && end === null)
    : undefined
  if (victim !== undefined) agenda.after(random.between(1, 800), victim.kill)
  const stopped = await agenda.runUntil(people.ended, agenda.now() + farewell)
  await agenda.runUntil(last.ended, agenda.now() + 5_000)
  return [
    ...unquiet,
    ...(stopped ? [] : [`not stopped after ${farewell} ms: ${people.describe()}`]),
    ...people.problems(),
    ...last.problems(),
    ...outputProblems(world, unquiet.length === 0),
    ...world.undecided,
    ...shardsOf(world).flatMap((its) => chainProblems(its, false)),
    ...planProblems(world),
    ...membersProblems(world, config),
    ...(config.fairWeather ? fairWeatherProblems(world, config, people, feeding) : []),
    ...stateProblems(world),
  ]
}

const endless = 'plans without end: members undo what each other has planned'

function fairWeatherProblems(world: World, config: MembersConfig, people: Crew, feeding: SteadyFeed) {
  return [
    ...silences(world, config, people, feeding),
    ...handOverProblems(world, people),
    ...stuckProblems(people),
    ...failureProblems(world, people),
    ...leaveProblems(people, world.agenda.now()),
  ]
}

function shardsOf({ decisions, config }: World) {
  return Array.from({ length: config.shards[0] ?? 1 }, (_, shard) => decisions.filter((one) => one.shard === shard))
}

/** Each shard has committed a moment ago, by a member that lives. */
function allCommit(world: World, { interval }: MembersConfig, living: ReadonlySet<string>): boolean {
  const recent = world.agenda.now() - 3 * interval - 500
  return shardsOf(world).every((its) => {
    const last = its.at(-1)
    return last !== undefined && last.at >= recent && living.has(last.entry.owner)
  })
}

/** Nothing is on its way: it may look balanced for a moment where it is, and not where it goes. */
function isAsPlanned(world: World): boolean {
  const { owners } = world.plans.at(-1)?.plan ?? { owners: [] }
  return shardsOf(world).every((its, shard) => its.at(-1)?.entry.owner === owners[shard])
}

function expireNowAndThen({ agenda, brokers }: Pick<World, 'agenda' | 'brokers'>): void {
  agenda.after(50, () => {
    brokers.shared.transactions.expire()
    expireNowAndThen({ agenda, brokers })
  })
}
