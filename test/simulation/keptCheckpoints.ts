/**
 * A job under faults whose checkpoints are kept now and then, by processes beside it that may die at any step: whatever is listed in the
 * end is a decided checkpoint with its whole state, however long ago it was taken, and however the job has gone on since.
 */

import { keptPrefix, parseSavepointKey } from '../../src/checkpoint/names.ts'
import { decodeSavepoint } from '../../src/checkpoint/savepoints/savepointCodec.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import { storedTotals } from './checks/storedTotals.ts'
import { job, type SimulationConfig, simulationConfig } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { simulatedProcess } from './core/process.ts'
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
  const names = [...disk.files.keys()].flatMap((key) => parseSavepointKey(key) ?? [])
  const lost = told.filter((name) => !names.includes(name)).map((name) => `${name} was told, and is not there`)
  return {
    problems: [...lost, ...names.flatMap((name) => problemsOf(world, name))],
    listed: names.length,
    trace: world.trace.lines,
  }
}

/** Keeps a checkpoint from a process of its own, which may die meanwhile. */
function keep(world: World, name: string, told: string[]): void {
  const { rxweft, brokers, config, agenda, random, disk, trace } = world
  const process = simulatedProcess(name, agenda)
  const cluster = simulatedCluster({
    ...{ rxweft, brokers, process, rates: noFaults, aimed: new Map(), reaches: () => true, bootstrap: undefined },
    ...{ requestTimeout: config.requestTimeout, transactionVersion: config.transactionVersion },
  })
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
