/**
 * A job under faults whose checkpoints are kept now and then, by processes beside it that may die at any step: whatever is listed in the
 * end is a decided checkpoint with its whole state, however long ago it was taken, and however the job has gone on since.
 */

import { keptPrefix, parseSavepointKey } from '../../src/checkpoint/names.ts'
import { decodeSavepoint } from '../../src/checkpoint/savepoints/savepointCodec.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import { stateProblems } from './checks/stateProblems.ts'
import { storedTotals } from './checks/storedTotals.ts'
import { job, type SimulationConfig, simulationConfig } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { type Process, simulatedProcess } from './core/process.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { director } from './director.ts'
import { feeder } from './feeder.ts'
import { definitionOf } from './job/owner.ts'
import { simulatedCluster } from './network/cluster.ts'
import { noFaults } from './network/faultRates.ts'
import { world as makeWorld, type World } from './world.ts'

export interface KeptVerdict {
  readonly problems: readonly string[]
  /** Number of savepoints that are listed in the end. */
  readonly listed: number
  readonly trace: readonly string[]
}

/** How long the job goes on when all is well again: retention sweeps meanwhile, ms. */
const afterwards = 4_000

export async function keptCheckpoints(rxweft: Rxweft, seed: number): Promise<KeptVerdict> {
  const random = seededRandom(seed)
  const config: SimulationConfig = {
    ...simulationConfig(random, false, seed),
    ...{ interval: 20, minPause: 0, timeout: 300, transactionTimeout: 1_000, sinks: ['sink'], startFrom: 'earliest' },
    ...{ lyingDisk: false, refusals: undefined, inline: 0, shards: [1], disaster: 'none', horizon: 3_000, writes: 150 },
    faults: random.between(0, 4),
  }
  const world = makeWorld(rxweft, config, { random, clocks: seededRandom(seed), disasters: seededRandom(seed) }, true)
  return withAmbient(random, world.agenda, () => perform(world))
}

async function perform(world: World): Promise<KeptVerdict> {
  const { agenda, config, random, disk } = world
  const directing = director(world)
  const feeding = feeder(world)
  const told: string[] = []
  for (let i = 0; i < config.writes; i++) agenda.after(random.below(config.horizon), feeding.write)
  for (let i = 0; i < config.faults; i++) agenda.after(random.below(config.horizon), directing.act)
  for (let i = 0; i < 6; i++) agenda.after(random.between(200, config.horizon), () => keep(world, `kept-${i}`, told))
  agenda.after(config.horizon, directing.heal)
  directing.start()
  await agenda.runUntil(() => false, agenda.now() + config.horizon)
  // Small steps, so that the state changes and earlier snapshots are superseded.
  for (let left = afterwards; left > 0; left -= 400) {
    feeding.write()
    directing.start()
    await agenda.runUntil(() => false, agenda.now() + 400)
  }
  feeding.finish()
  const names = [...disk.files.keys()].flatMap((key) => parseSavepointKey(key) ?? [])
  const lost = told.filter((name) => !names.includes(name)).map((name) => `${name} was told, and is not there`)
  const back = names.length === 0 ? [] : await goBack(world, random.pick(names))
  return {
    problems: [...back, ...stateProblems(world), ...lost, ...names.flatMap((name) => problemsOf(world, name))],
    listed: names.length,
    trace: world.trace.lines,
  }
}

/** The job goes back to a savepoint, dies at any moment of that, and starts again with the same options. */
async function goBack(world: World, name: string): Promise<readonly string[]> {
  const { rxweft, agenda, random, disk, trace, decisions } = world
  const lineage = decisions.at(-1)?.entry.lineage
  let end = ''
  for (const life of ['back', 'back again', 'back at last']) {
    const process = simulatedProcess(life, agenda)
    const handle = rxweft['job/execute'].execute(definitionOf(world, clusterOf(world, process), 'latest'), {
      ...{ storage: disk.storageFor(process), clock: process.clock, from: { savepoint: name } },
      ...{ abandonLineage: lineage, checkpointing: { interval: 20, timeout: 300 } },
    })
    end = ''
    const over = handle.done.then(
      ({ outcome }) => outcome,
      (thrown) => `${thrown}`,
    )
    over.then((how) => {
      end = how
    })
    const patience = life === 'back at last' ? 20_000 : random.between(1, 600)
    await agenda.runUntil(() => end !== '', agenda.now() + patience)
    trace.note(() => `${life}: ${end}`)
    process.kill()
    if (end !== '' && end !== 'finished') return [`${life} from ${name}: ${end}`]
    await agenda.runUntil(() => false, agenda.now() + 1_500)
  }
  return end === 'finished' ? [] : [`the job from ${name} has not finished`]
}

function clusterOf({ rxweft, brokers, config }: World, process: Process) {
  return simulatedCluster({
    ...{ rxweft, brokers, process, rates: noFaults, aimed: new Map(), reaches: () => true, bootstrap: undefined },
    ...{ requestTimeout: config.requestTimeout, transactionVersion: config.transactionVersion },
  })
}

/** Keeps a checkpoint from a process of its own, which may die meanwhile. */
function keep(world: World, name: string, told: string[]): void {
  const { rxweft, agenda, random, disk, trace } = world
  const process = simulatedProcess(name, agenda)
  const cluster = clusterOf(world, process)
  const { savepointsOf } = rxweft['job/savepoints/savepointsOf']
  const options = { storage: disk.storageFor(process), clock: process.clock }
  savepointsOf(definitionOf(world, cluster, undefined), options)
    .keep(name)
    .then(
      ({ checkpoints }) => {
        told.push(name)
        trace.note(() => `${name}: checkpoint ${checkpoints} is kept`)
      },
      (thrown) => trace.note(() => `${name}: ${thrown}`),
    )
  if (!random.chance(0.5)) return
  agenda.after(random.between(1, 60), () => {
    trace.note(() => `${name}: killed`)
    process.kill()
  })
}

function problemsOf({ disk, decisions }: World, name: string): readonly string[] {
  const bytes = disk.files.get(`${job}/savepoint/${name}/decided`)
  const { id, entries } = decodeSavepoint(bytes as Uint8Array, name)
  const [entry] = entries as readonly [LedgerEntry]
  const isDecided = decisions.some(({ entry: { checkpoint, lineage, snapshot } }) => {
    return checkpoint === entry.checkpoint && lineage === entry.lineage && snapshot?.sha256 === entry.snapshot?.sha256
  })
  if (!isDecided) return [`${name} keeps checkpoint ${entry.checkpoint}, which was never decided`]
  if (entry.snapshot === null) return []
  const prefix = keptPrefix(job, name, id)
  const kept = [...disk.files].filter(([key]) => key.startsWith(prefix))
  const files = new Map(kept.map(([key, file]) => [`${job}/${key.slice(prefix.length)}`, file] as const))
  try {
    const [found, then] = [files, disk.archive].map((all) => shown(storedTotals(all, entry.snapshot?.key ?? '')))
    return found === then ? [] : [`${name} has the state ${found} instead of ${then}`]
  } catch (thrown) {
    return [`${name} cannot be read: ${thrown}`]
  }
}

function shown(totals: ReturnType<typeof storedTotals>): string {
  return JSON.stringify([...totals])
}
