/** Runs a job: in this thread, or spread over shards, each in a worker thread of its own. */

import { randomUUID } from 'node:crypto'
import { checkpointSettings } from '../checkpoint/settings.ts'
import { steadyClock, systemClock } from '../clock.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import type { Job } from './defineJob.ts'
import type { ExecuteOptions } from './executeOptions.ts'
import { execution } from './execution.ts'
import type { JobHandle } from './jobHandle.ts'
import { exponentialDelay } from './restart.ts'
import { overShards } from './shards/main/overShards.ts'
import { programOf, shardThreads } from './shards/main/shardThreads.ts'
import { shardHere } from './shards/worker/shardWorker.ts'

export type { ExecuteOptions } from './executeOptions.ts'
export type { JobHandle, JobResult } from './jobHandle.ts'

/** More threads than that are no plan. */
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
 * Starts the job. Wrong settings throw Fatal BAD_SETTINGS at once; everything else is told by `done` and `events$`.
 *
 * With `shards`, this program is run again in each of so many worker threads, up to its call of `execute` for the job of this name, which
 * there runs the one shard. So what stands before that call is done in each thread, too; what only one may do, such as to
 * create topics or to listen on a port, asks `isMainThread` of node:worker_threads. What comes after it is done in the main thread alone: in a
 * worker every handle is mute, also that of other jobs, which are not run there. Its `done` never settles, and `events$` tells nothing; `stop` and
 * `cancel` pass on to the main thread.
 */
export function execute(job: Job, options: ExecuteOptions): JobHandle {
  checkOptionNames('execute', options, optionsOfExecute, 'BAD_SETTINGS')
  const { shards = 1, restart = exponentialDelay() } = options
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= most)) throw badShards(shards)
  checkpointSettings(options.checkpointing ?? {})
  const here = shardHere()
  if (here !== null) return here.execute(job, options)
  const me = randomUUID()
  if (shards === 1) return execution(job, options, { execution: me, shard: 0, shards })
  const program = programOf(options.program)
  const clock = steadyClock(options.clock ?? systemClock)
  const threads = shardThreads({ job: job.name, execution: me, shards, program, clock, restart })
  return overShards(shards, threads, options.signal, job.name)
}

function badShards(shards: unknown): FatalError {
  return new FatalError('BAD_SETTINGS', `shards: ${shards}`, {
    hint: `Give a whole number from 1 to ${most}; as many as there are cores, and no more than there are partitions`,
  })
}
