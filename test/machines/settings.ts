/** The command line of `npm run machines`. */
import { parseArgs } from 'node:util'
import { toError } from '../../src/errors.ts'

export interface Settings {
  readonly processes: number
  readonly shards: number
  /** Checkpoint interval, ms. */
  readonly interval: number
  /** Interval of the feeder, ms: a line for each partition. */
  readonly every: number
  /** State of each shard beside its counts, MB. */
  readonly state: number
  /** How often each fault happens. */
  readonly rounds: number
  /** Part of the names of the faults that happen. */
  readonly only: string
  /** Whether each broker and process has a machine of its own. */
  readonly machines: boolean
}

export const usage = `npm run machines
  [--processes 5]    processes of the job
  [--shards 10]      over which they spread
  [--interval 500]   of checkpoints, ms
  [--every 100]      a line for each partition each so many ms
  [--state 0]        of each shard, MB, beside its counts
  [--rounds 1]       how often each fault happens
  [--only TEXT]      only faults whose name contains it
  [--loopback]       no network namespaces, even where they could be made`

export function settingsOf(args: readonly string[]): Settings {
  const text = { type: 'string' } as const
  const numbers = { processes: text, shards: text, interval: text, every: text, state: text, rounds: text }
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...numbers, only: text, loopback: { type: 'boolean' } },
    })
    const { only = '', loopback = false } = values
    const number = (name: keyof typeof numbers, usual: number, least = 1): number => {
      const value = Number(values[name] ?? usual)
      if (!Number.isInteger(value) || value < least) throw new Error(`--${name} must be a whole number from ${least}`)
      return value
    }
    return {
      processes: number('processes', 5),
      shards: number('shards', 10),
      interval: number('interval', 500),
      every: number('every', 100),
      state: number('state', 0, 0),
      rounds: number('rounds', 1),
      only,
      machines: !loopback,
    }
  } catch (thrown) {
    throw new Error(`${toError(thrown).message}\n${usage}`)
  }
}
