/**
 * Runs a job that is killed again and again while it is fed, then finishes; and the same job on the
 * same input, undisturbed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import { deferred } from '../../src/deferred.ts'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { type Program, startProgram } from '../../tools/support/program.ts'
import { testTopics } from '../../tools/support/topics.ts'
import { steps } from '../faults/fault.ts'
import { between } from '../faults/seededRandom.ts'
import { openFeeder } from './feeder.ts'
import type { Fed } from './inputs.ts'
import type { Values } from './judging.ts'

export interface Plan {
  /** As program.ts knows it. */
  readonly job: string
  readonly input: readonly Fed[]
  /** Of each topic. */
  readonly partitions: {
    readonly input: Readonly<Record<string, number>>
    readonly output: Readonly<Record<string, number>>
  }
  readonly kills: number
  /** Of a job that does not end by itself: it is stopped once its topics have enough records. */
  readonly stopAt?: { readonly topics: readonly string[]; readonly enough: (...topics: readonly Values[]) => boolean }
  /** Number of shards of each run, in turn. Default: that of the job. */
  readonly shards?: readonly number[]
  readonly random: () => number
}

export interface Campaign {
  /** What the names of output topics begin with. */
  readonly killed: string
  readonly undisturbed: string
  /** Runs the job until it has been killed so often and has then finished. */
  disturb(): Promise<void>
  /** Half of the kills have happened. */
  readonly halfway: Promise<void>
  /** Runs the job on the same input, once, to its end. To be called after that. */
  leaveAlone(): Promise<void>
  /** The checkpoints that the killed programs have gone on from. */
  readonly resumed: readonly number[]
  close(): Promise<void>
}

const main = join(import.meta.dirname, 'program.ts')
const longest = 90_000

export async function openCampaign(
  brokers: string[],
  { job, input, partitions, kills, random, stopAt, shards = [] }: Plan,
): Promise<Campaign> {
  const topics = await testTopics(brokers)
  const [fedTo, killed, undisturbed] = ['in', 'killed', 'alone'].map((what) => `${topics.name(what)}-`) as [
    string,
    string,
    string,
  ]
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-consistency-'))
  const guard = endGuard('rm -rf "$1"', [folder])
  for (const [topic, count] of Object.entries(partitions.input)) await topics.create(count, {}, fedTo + topic)
  for (const [topic, count] of Object.entries(partitions.output)) {
    await topics.create(count, {}, killed + topic)
    await topics.create(count, {}, undisturbed + topic)
  }
  const feeder = await openFeeder(brokers, fedTo, input)
  const programs: Program[] = []
  const halfway = deferred()

  function start(output: string, more: readonly string[] = [], crashAt = ''): Program {
    const where = ['--brokers', brokers.join(','), '--input', fedTo, '--output', output]
    const spread = shards.length === 0 ? [] : ['--shards', `${shards[programs.length % shards.length]}`]
    const env = { RXWEFT_CRASH_AT: crashAt }
    const program = startProgram([job, ...where, ...spread, '--folder', join(folder, output), ...more], env, main)
    programs.push(program)
    return program
  }

  async function life(share: number): Promise<void> {
    // Every second one at a step of the protocol, the others whenever it happens to hit.
    const atStep = random() < 0.5
    const step = `${steps[between(random, 0, steps.length - 1)]}:${between(random, 1, 6)}`
    const program = start(killed, [], atStep ? step : '')
    const ended = atStep ? program.ended : killAtRandom(program, random)
    await feeder.feedDuring(share, within(ended, program))
    const how = await program.ended
    if (how !== 'SIGKILL') throw new Error(`${job} was to be killed, and ended with ${how}:\n${program.said}`)
  }

  async function finish(output: string): Promise<void> {
    const program = start(output, stopAt === undefined ? ['--until', 'latest'] : [])
    if (stopAt !== undefined) {
      const written = () => Promise.all(stopAt.topics.map((topic) => readCommitted(brokers, output + topic, 'decided')))
      const limit = Date.now() + longest
      while (program.alive && Date.now() < limit && !stopAt.enough(...(await written()))) await pause(200)
      program.signal('SIGTERM')
    }
    const how = await within(program.ended, program)
    if (how !== 0) throw new Error(`${job} was to process the rest, and ended with ${how}:\n${program.said}`)
  }

  return {
    killed,
    undisturbed,
    halfway: halfway.promise,
    async disturb() {
      for (let killed = 0; killed < kills; killed++) {
        if (killed >= kills / 2) halfway.resolve()
        await life(Math.floor(input.length / (kills + 1)))
      }
      await feeder.rest()
      await finish(killed)
    },
    leaveAlone: () => finish(undisturbed),
    get resumed() {
      return programs.flatMap(({ said }) => {
        const [, checkpoint] = /restored checkpoint (\d+)/.exec(said) ?? []
        return checkpoint === undefined ? [] : [Number(checkpoint)]
      })
    },
    async close() {
      await Promise.all(programs.map((program) => program.kill()))
      await feeder.close()
      await topics.close()
      await rm(folder, { recursive: true, force: true })
      guard.dismiss()
    },
  }
}

/**
 * While it starts, restores, or has been running for a while: on a slow machine, too, some have committed something from which the
 * next ones go on.
 */
async function killAtRandom(program: Program, random: () => number): Promise<unknown> {
  const when = random()
  await program.untilSaid(when < 0.3 ? /started/ : when < 0.6 ? /restored|reading from/ : /committed/)
  await pause(between(random, 0, 700))
  return program.kill()
}

/** Rejects, and ends the program, where it takes much too long. */
async function within<T>(happening: Promise<T>, program: Program): Promise<T> {
  const timer = setTimeout(() => void program.kill(), longest)
  try {
    return await happening
  } finally {
    clearTimeout(timer)
  }
}
