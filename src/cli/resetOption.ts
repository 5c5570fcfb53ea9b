/** Sets sources to other positions as a job starts: decided by its takeover, under its fence. */
import { isMainThread } from 'node:worker_threads'
import { type Command, InvalidArgumentError } from 'commander'
import type { StartPosition } from '../contracts/startPosition.ts'
import type { Reset, SourceReset } from '../job/change/reset.ts'
import { confirm } from './ask.ts'
import { exitCodes, Refusal } from './tell.ts'

type Target = readonly [source: string, start: StartPosition]

export interface ResetOptions {
  readonly reset: readonly Target[]
  readonly resetName?: string
  readonly yes: boolean
}

export function withReset(command: Command): Command {
  const what = 'set a source to earliest, latest, a time (2026-03-01T00:00:00Z) or offsets (TOPIC/0:15,TOPIC/1:20)'
  return command
    .option('--reset <source=position>', `${what}; repeatable, needs --reset-name`, added, [])
    .option('--reset-name <name>', 'name of the reset: a job carries out a reset of one name once')
    .option('--yes', 'do not ask before a reset', false)
}

/** What is asked for, once somebody has agreed to it; null: nothing is. */
export async function resetOf(job: string, { reset, resetName, yes }: ResetOptions): Promise<Reset | null> {
  if (reset.length === 0 && resetName === undefined) return null
  if (reset.length === 0 || resetName === undefined) {
    const missing = resetName === undefined ? '--reset-name' : '--reset'
    throw new Refusal(`${missing} is missing: a reset has a name and sources`, exitCodes.wrongArguments)
  }
  const targets = reset.map(([source, start]) => `${source} from ${shownStart(start)}`).join(', ')
  const what = [
    `The job ${job} takes over from a process that still runs it, and begins at other positions: ${targets}.`,
    'State and event time stay as they are, so records that are read again count again.',
    `It does so once under the name "${resetName}", and not at all if it has done so before.`,
  ]
  // The thread of a shard runs the same command after somebody has agreed.
  await confirm(what.join(' '), { yes: yes || !isMainThread })
  return { name: resetName, sources: Object.fromEntries(reset) }
}

/** A line about what a reset has done. */
export function shownReset({ source, splits }: SourceReset): string {
  const moves = splits.map(({ topic, partition, from, to }) => `${topic}/${partition} ${from} -> ${to}`)
  return `source ${source} reset: ${moves.join(', ') || 'it was there already'}`
}

function added(given: string, before: readonly Target[]): readonly Target[] {
  const at = given.indexOf('=')
  const start = at < 1 ? null : startOf(given.slice(at + 1))
  if (start === null)
    throw new InvalidArgumentError('It must be SOURCE=earliest, latest, a time, or TOPIC/0:15,TOPIC/1:20.')
  return [...before, [given.slice(0, at), start]]
}

const offset = /^(?<topic>[\w.-]+)\/(?<partition>\d+):(?<offset>\d+)$/

function startOf(text: string): StartPosition | null {
  if (text === 'earliest' || text === 'latest') return text
  const parts = text.split(',').map((one) => offset.exec(one)?.groups)
  if (parts.every((one) => one !== undefined)) {
    return parts.map(({ topic = '', partition, offset }) => ({
      ...{ topic, partition: Number(partition), offset: Number(offset) },
    }))
  }
  // A date without a time would be midnight in UTC, and one without a zone that of this machine.
  const timestamp = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timestamp) ? null : { timestamp }
}

function shownStart(start: StartPosition): string {
  if (typeof start === 'string') return start
  if ('timestamp' in start) return new Date(start.timestamp).toISOString()
  return start.map(({ topic, partition, offset }) => `${topic}/${partition}:${offset}`).join(',')
}
