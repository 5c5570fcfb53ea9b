import { Command } from 'commander'
import type { OpenTable } from '../../state/openTables.ts'
import { timerTables } from '../../state/stateView.ts'
import type { SavedCheckpoint } from '../../testing/replay/savedCheckpoint.ts'
import { savedState } from '../../testing/replay/savedState.ts'
import { contentOf } from '../../testing/replay/stateDifferences.ts'
import { type SavedJob, type SavedOptions, savedJob, savedShards, withSaved } from '../savedJob.ts'
import { print, Refusal } from '../tell.ts'

interface Options extends SavedOptions {
  readonly savepoint: string
  readonly operator?: string
}

interface Entry {
  readonly operator: string
  /** Name of the state. */
  readonly state: string
  readonly key: unknown
  readonly value: unknown
}

/** Keyed state in a savepoint, decoded by the job. */
export function stateCommand(): Command {
  const command = new Command('state').description('read keyed state of a savepoint, decoded by the job')
  const dump = withSaved(new Command('dump')).description('print all entries, one a line')
  const get = withSaved(new Command('get')).argument('<key>').description('print the entries of a key')
  for (const one of [dump, get]) {
    one.requiredOption('--savepoint <name>', 'name of the savepoint')
    one.option('--operator <id>', 'only the state of this operator')
  }
  command.addCommand(dump.action((file: string, options: Options) => read(file, options, () => true)))
  // A key on the command line is text, whatever it is in the job.
  command.addCommand(
    get.action((file: string, key: string, options: Options) =>
      read(file, options, (one) => one === key || one === `${key}n`),
    ),
  )
  return command
}

async function read(file: string, options: Options, wanted: (key: string) => boolean): Promise<void> {
  const saved = await savedJob(file, options)
  const shards = await savedShards(saved, options.savepoint)
  const tables = shards.flatMap((one) => savedState(saved.job, one)).filter((one) => isWanted(one, options))
  const found = tables.flatMap(entriesOf).filter(({ key }) => wanted(typeof key === 'bigint' ? `${key}n` : String(key)))
  if (found.length === 0) throw nothing(tables.length > 0, shards, saved, options)
  for (const entry of found) print(true, printable(entry), () => '')
}

function nothing(isKnown: boolean, shards: readonly SavedCheckpoint[], { job }: SavedJob, options: Options): Refusal {
  if (isKnown) return new Refusal(`the savepoint "${options.savepoint}" has no such key`)
  const all = shards.flatMap((one) => savedState(job, one)).map(({ operator }) => operator)
  const known = [...new Set(all)].join(', ') || 'none'
  return new Refusal(`the job has no operator "${options.operator ?? ''}" with state; those with state: ${known}`)
}

function isWanted({ name, operator }: OpenTable, options: Options): boolean {
  return !timerTables.includes(name) && (options.operator === undefined || operator === options.operator)
}

function entriesOf(table: OpenTable): readonly Entry[] {
  const { operator, name: state } = table
  return [...contentOf(table)].map(([key, value]) => ({ operator, state, key, value }))
}

/** JSON knows neither maps nor bigints. */
function printable(entry: Entry): unknown {
  return JSON.parse(
    JSON.stringify(entry, (_, value) => {
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, of]) => [String(key), of]))
      return typeof value === 'bigint' ? `${value}n` : value
    }),
  )
}
