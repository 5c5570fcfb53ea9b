/** The command line of `npm run chaos`. */
import { parseArgs } from 'node:util'
import { anySeed } from '../faults/seededRandom.ts'

export interface Arguments {
  /** On three brokers and a controller, under the faults that a single broker cannot have. */
  readonly cluster: boolean
  /** Three processes of a job on three brokers. */
  readonly processes: boolean
  /** With `processes`: one round, with the faults of `npm test`. */
  readonly short: boolean
  /** With `processes`: the beginning of the versions of Kafka. */
  readonly kafka: string
  readonly minutes: number
  readonly seed: number
  /** Only faults whose name contains this. */
  readonly only: string
  /** Faults between two verdicts. */
  readonly round: number
}

const usage = `usage: npm run chaos -- --minutes M
  [--cluster]    three brokers and a controller: killed, stopped, paused, cut off, restarted, upgraded
  [--processes]  three processes of one job on three brokers, compared with one that nobody disturbs
  [--kafka V]    with --processes: only versions of Kafka that begin so; default: all in turn
  [--short]      with --processes: one round, with the faults of npm test
  [--seed S]     the same choice of faults as a run before; default: a new one, which is printed
  [--only TEXT]  only the faults whose name contains this
  [--round N]    how many faults happen to one job before it is judged, default 10`

const options = {
  cluster: { type: 'boolean', default: false },
  processes: { type: 'boolean', default: false },
  short: { type: 'boolean', default: false },
  kafka: { type: 'string', default: '' },
  minutes: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string', default: '' },
  round: { type: 'string', default: '10' },
  help: { type: 'boolean' },
} as const

export function parse(args: string[]): Arguments {
  const given = valuesOf(args)
  const [minutes, seed, round] = [given.minutes, given.seed ?? anySeed(), given.round].map(Number) as Three
  if (!given.help && minutes > 0 && Number.isInteger(seed) && round >= 1) return { ...given, minutes, seed, round }
  console.error(usage)
  process.exit(given.help ? 0 : 2)
}

function valuesOf(args: string[]) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    console.error(`${(error as Error).message.split('\n')[0]}\n${usage}`)
    return process.exit(2)
  }
}

type Three = [number, number, number]
