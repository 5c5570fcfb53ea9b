/**
 * Command line of the uppercase program. A wrong argument ends it with one line and exit code 2.
 */
import { parseArgs } from 'node:util'
import type { CheckpointSettings } from 'rxweft'
import type { UppercaseOptions } from '../uppercase.ts'

export interface Arguments extends UppercaseOptions {
  readonly brokers?: string[] | undefined
  readonly embedded?: string | undefined
  readonly checkpoints: string
  readonly checkpointing: Partial<CheckpointSettings>
  readonly verbose: boolean
}

const usage = `usage: npm run uppercase -- --brokers HOST:PORT[,...] --source T --sink T --checkpoints DIR
  [--embedded FILE]            instead of --brokers: the embedded log, no broker
  [--job NAME]                 default uppercase; names the checkpoints, the ledger topic and the consumer group
  [--interval MS]              from the start of one checkpoint to the start of the next, default 5000
  [--min-pause MS]             from the end of one to the start of the next, default 0
  [--timeout MS]               of one checkpoint, default 60000, or what fits into the transaction timeout
  [--transaction-timeout MS]   default twice interval + timeout
  [--start-from earliest|latest]   where there is no checkpoint yet, default earliest
  [--until latest]             end when all that is there now is processed
  [--verbose]                  tell of each checkpoint
exit code: 0 ended as it should, 1 the job failed, 2 wrong arguments, a topic that does not exist, or no broker answers`

const text = { type: 'string' } as const
const flags = {
  brokers: text,
  embedded: text,
  source: text,
  sink: text,
  checkpoints: text,
  job: text,
  interval: text,
  'min-pause': text,
  timeout: text,
  'transaction-timeout': text,
  'start-from': text,
  until: text,
  verbose: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

export function parse(args: string[]): Arguments {
  const given = valuesOf(args)
  if (given.help) {
    console.log(usage)
    process.exit(0)
  }
  const [interval, transactionTimeout] = [ms(given, 'interval') ?? 5_000, ms(given, 'transaction-timeout')]
  if ((given.brokers === undefined) === (given.embedded === undefined)) refuse('give either --brokers or --embedded')
  return {
    brokers: given.brokers?.split(','),
    embedded: given.embedded,
    name: given.job ?? 'uppercase',
    source: required(given, 'source'),
    sink: required(given, 'sink'),
    checkpoints: required(given, 'checkpoints'),
    startFrom: oneOf(given, 'start-from', ['earliest', 'latest']),
    until: oneOf(given, 'until', ['latest']),
    transactionTimeout,
    verbose: given.verbose ?? false,
    checkpointing: {
      interval,
      minPause: ms(given, 'min-pause') ?? 0,
      timeout: ms(given, 'timeout') ?? fitting(interval, transactionTimeout),
    },
  }
}

type Given = ReturnType<typeof valuesOf>
type TextFlag = Exclude<keyof typeof flags, 'help' | 'verbose'>

function valuesOf(args: string[]) {
  try {
    return parseArgs({ args, options: flags }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}

/**
 * The checkpoint timeout must leave the transaction enough time: interval + timeout < transaction
 * timeout.
 */
function fitting(interval: number, transactionTimeout = Infinity): number {
  return Math.max(1, Math.min(60_000, Math.floor((transactionTimeout - interval) * 0.9)))
}

function required(given: Given, name: TextFlag): string {
  return given[name] ?? refuse(`--${name} is missing`)
}

function ms(given: Given, name: TextFlag): number | undefined {
  const value = given[name]
  if (value === undefined || /^\d+$/.test(value)) return value === undefined ? undefined : Number(value)
  return refuse(`--${name} ${value} is not a number of milliseconds`)
}

function oneOf<const T extends string>(given: Given, name: TextFlag, allowed: readonly T[]): T | undefined {
  const value = given[name]
  if (value === undefined) return undefined
  return allowed.find((one) => one === value) ?? refuse(`--${name} ${value}: it can be ${allowed.join(' or ')}`)
}

function refuse(what: string): never {
  console.error(`rxweft uppercase: ${what.split('\n')[0]} (try --help)`)
  process.exit(2)
}
