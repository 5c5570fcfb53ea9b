import { randomUUID } from 'node:crypto'
import { checkpointSettings } from '../checkpoint/settings.ts'
import { steadyClock, systemClock } from '../clock.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
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
  ...{
    checkpointing: true,
    storage: true,
    state: true,
    restart: true,
    shards: true,
    program: true,
    abandonLineage: true,
  },
  ...{ signal: true, clock: true, probe: true },
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
  checkOptionNames('execute', options, optionsOfExecute)
  const { shards = 1, restart = exponentialDelay() } = options
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= most)) throw badShards(shards)
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

function badShards(shards: unknown): FatalError {
  return new FatalError('BAD_OPTION', `shards: ${shards}`, {
    hint: `Give a whole number from 1 to ${most}; as many as there are cores, and no more than there are partitions`,
  })
}
