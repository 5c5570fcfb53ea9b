import { randomUUID } from 'node:crypto'
import { checkpointSettings } from '../checkpoint/settings.ts'
import { steadyClock, systemClock } from '../clock.ts'
import { allowed, anything, checkOptions, optional, wholeFrom } from '../optionValues.ts'
import type { Job } from './defineJob.ts'
import type { ExecuteOptions } from './executeOptions.ts'
import { execution } from './execution.ts'
import { type JobHandle, jobHandle } from './jobHandle.ts'
import { exponentialDelay } from './restart.ts'
import { overShards } from './shards/main/overShards.ts'
import { programOf, shardThreads } from './shards/main/shardThreads.ts'
import { shardHere } from './shards/worker/shardWorker.ts'

export type { ExecuteOptions } from './executeOptions.ts'
export type { JobHandle, JobResult } from './jobHandle.ts'

/** Largest number of shards. */
const most = 256

const optionsOfExecute = {
  // Their values are checked by `checkpointSettings`, and where they are used.
  ...{ checkpointing: anything, program: anything, signal: anything, clock: anything, probe: anything },
  storage: allowed('fileStorage(folder), memoryStorage() or another CheckpointStorage', (value) =>
    hasMethods(value, ['put', 'get', 'list', 'remove']),
  ),
  state: optional(allowed('memoryState() or lmdbState(folder)', (value) => hasMethods(value, ['open']))),
  restart: optional(
    allowed(
      'exponentialDelay(), fixedDelay(), failureRate(), noRestart() or another function',
      (value) => typeof value === 'function',
    ),
  ),
  shards: optional(wholeFrom(1, most)),
  abandonLineage: optional(
    allowed('the lineages that the error LINEAGE_MISMATCH names', (value) => [value].flat().every(isText)),
  ),
}

/**
 * Runs a job, in this thread or spread over shards. Failures arrive at `done` and `events$`.
 *
 * ```ts
 * const job = execute(uppercase, { storage: fileStorage('/var/lib/uppercase') })
 * process.on('SIGTERM', () => void job.stop())
 * await job.done
 * ```
 *
 * With `shards`, each worker thread runs this program again, up to the call of `execute` for the
 * job of this name, and there runs one shard. Code before that call therefore runs in every thread:
 * guard what must happen once, such as creating topics or listening on a port, by `isMainThread` of
 * node:worker_threads. Code after the call acts in the main thread only: in a worker, `done` never
 * settles, `events$` emits nothing, other jobs do not run, and `stop` and `cancel` are forwarded to
 * the main thread.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function execute(job: Job, options: ExecuteOptions): JobHandle {
  checkOptions('execute', options, optionsOfExecute)
  const { shards = 1, restart = exponentialDelay() } = options
  checkpointSettings(options.checkpointing ?? {})
  const here = shardHere()
  if (here !== null) return here.execute(job, options)
  const me = randomUUID()
  if (shards === 1) return jobHandle(execution(job, options, { execution: me, shard: 0, shards }))
  const program = programOf(options.program)
  const clock = steadyClock(options.clock ?? systemClock)
  const threads = shardThreads({ job: job.name, execution: me, shards, program, clock, restart })
  return jobHandle(overShards(shards, threads, options.signal, job.name))
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function')
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
