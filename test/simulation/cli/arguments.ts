/** The command line of `npm run simulate`. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { mutants } from '../mutants/mutants.ts'
import type { Kind } from './kinds.ts'

export interface Arguments {
  readonly from: number
  readonly seeds: number
  /** Exactly this one, with everything that happens. */
  readonly replay: boolean
  readonly kind: Kind
  /** Names; empty: the code as it is. */
  readonly mutants: readonly string[]
  readonly processes: number
}

export const usage = `npm run simulate -- [--seeds N] [--seed S] [--mutant NAME|all] [--spread | --members | --large | --rescale] [--processes P]

  --seeds N        so many schedules (default 1000), from seed 1 or S on
  --seed S         without --seeds: schedule S alone, with everything that happens in it
  --mutant NAME    with one rule switched off: ${Object.keys(mutants).join(', ')}; or all of them, one after the other
  --spread         the job runs over shards, and is started with another number of them now and then; mutants know whether they need it
  --members        it runs over shards in two to four processes, which come, go, hang and freeze
  --large          the same with ten processes and a hundred shards: minutes each
  --rescale        it runs in three processes, and gets another number of shards again and again
  --processes P    default: as many as there are processors`

export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      mutant: { type: 'string' },
      processes: { type: 'string' },
      spread: { type: 'boolean' },
      members: { type: 'boolean' },
      large: { type: 'boolean' },
      rescale: { type: 'boolean' },
    },
  })
  const replay = values.seed !== undefined && values.seeds === undefined
  return {
    from: number('seed', values.seed ?? '1'),
    seeds: replay ? 1 : number('seeds', values.seeds ?? '1000'),
    replay,
    kind: values.rescale
      ? 'rescale'
      : values.large
        ? 'large'
        : values.members
          ? 'members'
          : values.spread
            ? 'shards'
            : 'one',
    mutants: values.mutant === 'all' ? Object.keys(mutants) : values.mutant === undefined ? [] : [known(values.mutant)],
    processes: number('processes', values.processes ?? String(availableParallelism())),
  }
}

function number(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new TypeError(`--${name} ${text}: give a whole number`)
}

function known(name: string): string {
  if (Object.hasOwn(mutants, name)) return name
  throw new TypeError(`--mutant ${name}: there are ${Object.keys(mutants).join(', ')}`)
}
