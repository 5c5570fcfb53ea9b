/** What the command line asks for. */
import { parseArgs } from 'node:util'
import type { Mode } from './plan.ts'

export interface Arguments {
  readonly mode: Mode
  /** Scenarios, or all. */
  readonly only: readonly string[] | null
  readonly peers: readonly string[] | null
  /** The share of the records. */
  readonly scale: number
  /** null: as the mode has it. */
  readonly rounds: number | null
  /** Where the JSON goes; null: bench/results. */
  readonly out: string | null
  /** Only make charts of this JSON. */
  readonly charts: string | null
  readonly help: boolean
}

export const usage = `npm run bench -- --quick | --full

  --quick            in 50 minutes: fewer records
  --full             in two to three hours: more of them, more shapes; five runs of each both times
  --only a,b         only these scenarios: throughput, checkpoints, latency, restart, shards, memory, state
  --peers a,b        only these programs: rxweft, codec loop, kafkajs, platformatic, Kafka Streams, Flink,
                     Kafka Streams tuned, Flink tuned
  --scale 0.1        a tenth of the records, and --rounds 1 one run of each: to try things out, the figures mean nothing
  --out FILE         the JSON of the results; default: bench/results/<date>-<mode>.json
  --charts FILE      no run, but the charts (SVG) of this JSON, into bench/results/charts

Starts a Kafka broker with Java and Maven, unless KAFKA_BROKERS names one. Whatever was written is verified by Kafka's own consumer.

exit 0: everything was verified, whether or not the bars are met   exit 1: something was lost, doubled or reordered, or a program failed
exit 2: bad arguments`

/** Throws where something is wrong; `message` says what. */
export function parse(args: readonly string[], scenarios: readonly string[], peers: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      out: { type: 'string' },
      charts: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { quick, full, help, out = null, charts = null } = values
  if (!help && charts === null && quick === full) throw new Error('give either --quick or --full (try --help)')
  return {
    mode: full ? 'full' : 'quick',
    only: listed('--only', values.only, scenarios),
    peers: listed('--peers', values.peers, peers),
    scale: positive('--scale', values.scale),
    rounds: values.rounds === undefined ? null : Math.ceil(positive('--rounds', values.rounds)),
    ...{ out, charts, help },
  }
}

function listed(option: string, given: string | undefined, known: readonly string[]): readonly string[] | null {
  if (given === undefined) return null
  const names = given.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${option}: there is no "${unknown}", but ${known.join(', ')}`)
  return names
}

function positive(option: string, given: string): number {
  const value = Number(given)
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`${option} is a number above 0, and not "${given}"`)
  return value
}
