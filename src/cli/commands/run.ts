import { isMainThread } from 'node:worker_threads'
import { Command } from 'commander'
import type { JobEvent } from '../../job/events.ts'
import { execute } from '../../job/execute.ts'
import type { ExecuteOptions } from '../../job/executeOptions.ts'
import { count } from '../arguments.ts'
import { type ResetOptions, resetOf, shownReset, withReset } from '../resetOption.ts'
import { type SavedOptions, savedJob } from '../savedJob.ts'

interface Options extends SavedOptions, ResetOptions {
  readonly shards?: number
}

/** Runs a job until it ends, or a signal ends it after a final checkpoint. */
export function runCommand(): Command {
  return withReset(new Command('run'))
    .description('run the job that a module exports, until it ends or SIGTERM or SIGINT stops it')
    .argument('<file>', 'module that exports a job as `job` or as default, and options of execute as `options`')
    .option('--storage <folder>', 'folder of the snapshots, instead of the storage in `options`')
    .option('--shards <number>', 'number of shards, instead of that in `options`', count)
    .option('--json', 'print events as JSON, one a line', false)
    .action(run)
}

async function run(file: string, { shards, json, ...given }: Options): Promise<void> {
  const { job, options } = await savedJob(file, given)
  const reset = await resetOf(job.name, given)
  const all: ExecuteOptions = {
    ...options,
    ...(shards === undefined ? {} : { shards }),
    ...(reset === null ? {} : { reset }),
  }
  const running = execute(job, all)
  // A thread of a shard has come this far to run its part, and its handle says nothing.
  if (isMainThread) {
    running.events$.subscribe((event) => {
      const line = json ? JSON.stringify(told(event)) : shown(event)
      if (line !== null) console.log(line)
    })
    // With members, others go on with its shards. A second signal kills.
    const end = (): void => void (all.members === undefined ? running.stop() : running.leave()).catch(() => undefined)
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  }
  await running.done
}

/** Parts of an event that may be printed: no record, and of an error its code and message. */
function told(event: JobEvent): Readonly<Record<string, unknown>> {
  const parts = Object.entries(event).map(([name, value]) => {
    if (value instanceof Error) return [name, { code: (value as { code?: unknown }).code, message: value.message }]
    return [name, typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : value]
  })
  return { time: new Date().toISOString(), ...Object.fromEntries(parts) }
}

/** What goes well all the time. */
const quiet: readonly JobEvent['type'][] = ['checkpoint-triggered', 'checkpoint-stored', 'checkpoint-committed', 'idle']

/** Null for what goes well all the time. */
function shown(event: JobEvent): string | null {
  const { type, shard } = event
  if (type === 'source-reset') return `${shard === undefined ? '' : `shard ${shard}: `}${shownReset(event)}`
  // Its error is printed at the end.
  if (quiet.includes(type) || type === 'failed') return null
  const of = shard === undefined ? '' : `shard ${shard}: `
  const checkpoint = 'checkpoint' in event ? ` checkpoint ${event.checkpoint}` : ''
  const why = 'error' in event && event.error instanceof Error ? `: ${event.error.message}` : ''
  return `${of}${type}${checkpoint}${why}`
}
