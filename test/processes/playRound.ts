/**
 * One round on a cluster of its own: three processes under fire, then one process that nobody
 * disturbs is fed the same, and both outputs are compared.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { toError } from '../../src/errors.ts'
import type { Network } from '../../tools/machines/network.ts'
import { between } from '../faults/seededRandom.ts'
import { compare, isSame, type Output } from './compare.ts'
import { replay, startFeeding } from './feeding.ts'
import { jobProcess } from './jobProcess.ts'
import { type Script, script } from './script.ts'
import { openGround, openProcessSite, type ProcessGround, type ProcessSite, shards } from './site.ts'
import { openStage } from './stage.ts'
import type { Strike } from './strikes.ts'

export interface Round {
  /** Of Kafka. */
  readonly version: string
  readonly strikes: Iterable<Strike>
  readonly network: Network | null
  readonly inMemory: boolean
  /** True once no further fault is to happen. */
  isOver(): boolean
  /** Called after each strike, with what it has taken, ms. */
  spent(duration: number): void
}

/** Limit until all shards commit again, and until all is processed, ms. */
const patience = { recovery: 600_000, rest: 900_000, step: 300_000 }
/** Between two steps of the feeder, ms. */
const pace = 50

/** Resolves with whether nothing is wrong. */
export async function playRound(round: Round, random: () => number): Promise<boolean> {
  const ground = await openGround(round.version, round.network)
  try {
    const steps = script(random)
    console.log('  three brokers are up')
    const disturbed = await underFire(ground, round, steps, random)
    const quiet = await undisturbed(ground, steps)
    const found = compare(disturbed.output, quiet, shards)
    for (const [what, values] of Object.entries(found)) for (const value of values) tell(`${what}: ${value}`)
    for (const what of disturbed.wrong) tell(what)
    const { counts, windows, late } = steps.expected
    console.log(`  ${counts} records, ${windows} windows, ${late} late`)
    if (!isSame(found) || disturbed.wrong.length > 0) return false
    console.log('  three processes under fire wrote what one undisturbed process has written')
    return true
  } catch (thrown) {
    tell(`no verdict: ${toError(thrown).message}`)
    return false
  } finally {
    await ground.close()
  }
}

interface Disturbed {
  readonly output: Output
  readonly wrong: readonly string[]
}

async function underFire(
  ground: ProcessGround,
  { strikes, inMemory, isOver, spent }: Round,
  steps: Script,
  random: () => number,
): Promise<Disturbed> {
  const site = await openProcessSite(ground, random, inMemory)
  const { stage, processes, wrong } = site
  const feeding = startFeeding(stage, steps, pace)
  try {
    for (const one of processes) one.start()
    const from = Date.now()
    if (!(await site.committed(0, patience.recovery))) throw new Error(`the job did not start:\n${said(site)}`)
    console.log(`  all shards commit ${seconds(Date.now() - from)} after the start`)
    for (const strike of strikes) {
      const before = Date.now()
      const recovered = await struck(site, strike)
      spent(Date.now() - before)
      if (!recovered) {
        wrong.push(`no recovery:\n${said(site)}`)
        break
      }
      if (isOver()) break
    }
    feeding.end()
    if (!(await stage.drained(steps, patience.rest))) wrong.push(`not all has come out:\n${said(site)}`)
    wrong.push(...processes.flatMap(({ endings }) => endings))
    const ends = await Promise.all(processes.map((one, at) => (at === 0 ? one.end('SIGINT') : one.ended())))
    if (ends.some((how) => how !== 0)) wrong.push(`the stopped job ended with ${ends}:\n${said(site)}`)
    return { output: await stage.output(), wrong }
  } finally {
    feeding.end()
    await site.close()
  }
}

/** Resolves with whether all shards commit afterwards. Half of the strikes do not wait for that. */
async function struck(site: ProcessSite, strike: Strike): Promise<boolean> {
  const { random } = site
  await pause(between(random, 0, 3_000))
  console.log(`  ${strike.map(({ name }) => name).join(', and ')}`)
  const from = Date.now()
  await Promise.all(strike.map((fault) => fault.inject(site)))
  const healed = Date.now()
  const waits = random() < 0.6
  const recovered = !waits || (await site.committed(healed, patience.recovery))
  const then = recovered ? `all shards commit ${seconds(Date.now() - healed)} later` : 'a shard commits NO MORE'
  console.log(`    over after ${seconds(healed - from)}${waits ? `; ${then}` : ''}`)
  return recovered
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

/** One process, one shard, no members: fed the same. */
async function undisturbed({ cluster, network, program }: ProcessGround, { steps, expected }: Script): Promise<Output> {
  const stage = await openStage(cluster, 'one', 1)
  const process = jobProcess('a', program, stage.given(null, null), network?.command('a'))
  try {
    process.start()
    await replay(stage, steps, patience.step)
    const all = await stage.drained({ expected }, patience.rest)
    const how = await process.end('SIGTERM')
    if (!all || how !== 0 || process.endings.length > 0)
      throw new Error(`the undisturbed process ended with ${how}:\n${process.said()}`)
    return await stage.output()
  } finally {
    await process.kill()
    await stage.close()
  }
}

function said({ processes }: ProcessSite): string {
  return processes.map((one) => `${one.name} ${one.state}:\n${one.said()}`).join('\n')
}

function tell(what: string): void {
  console.log(`  FAILED: ${what}`)
}
