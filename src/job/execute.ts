import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { isPlainName } from '../checkpoint/names.ts'
import { checkpointRules, checkpointSettings } from '../checkpoint/settings.ts'
import { steadyClock, systemClock } from '../clock.ts'
import { mostShards } from '../contracts/slotTable.ts'
import { isStartPosition } from '../contracts/startPosition.ts'
import { aFunction, anObject, nonEmptyText, oneOf, required, rule, wholeNumber, withMethods } from '../optionRules.ts'
import { checkOptions, type OptionRules, optionProblems } from '../options.ts'
import type { Reset } from './change/reset.ts'
import type { Job } from './defineJob.ts'
import type { ExecuteOptions } from './executeOptions.ts'
import { execution, type RunningShard } from './execution.ts'
import { type HandleParts, type JobHandle, jobHandle } from './jobHandle.ts'
import { memberJob } from './members/memberJob.ts'
import { planning } from './planning.ts'
import { jobState } from './reading/jobState.ts'
import { exponentialDelay } from './restart.ts'
import type { SavepointStart } from './savepoints/savepointStart.ts'
import { savepointsOf } from './savepoints/savepointsOf.ts'
import { memberThreads } from './shards/main/memberThreads.ts'
import { overShards } from './shards/main/overShards.ts'
import { programOf, shardThreads } from './shards/main/shardThreads.ts'
import type { Order } from './shards/messages.ts'
import { shardHere } from './shards/worker/shardWorker.ts'
import { startedAs } from './startedJobs.ts'

export type { ExecuteOptions } from './executeOptions.ts'
export type { JobHealth } from './health.ts'
export type { JobHandle, JobResult, StopOptions } from './jobHandle.ts'

const rules: OptionRules<ExecuteOptions> = {
  storage: required(withMethods('a checkpoint storage, such as fileStorage(folder)', ['put', 'get', 'list', 'remove'])),
  checkpointing: anObject,
  state: withMethods('a state backend, such as memoryState()', ['open']),
  restart: rule('a restart strategy, such as exponentialDelay()', aFunction.is),
  shards: wholeNumber(1, mostShards),
  members: withMethods('the other processes, such as kafkaMembers(cluster, options)', ['open']),
  rescale: oneOf('at-start'),
  threads: wholeNumber(1, mostShards),
  onShardFailure: oneOf('keep', 'end'),
  program: rule('a path or URL', (value) => typeof value === 'string' || value instanceof URL),
  abandonLineage: rule('the lineages that LINEAGE_MISMATCH names', (value) => [value].flat().every(nonEmptyText.is)),
  from: rule("a savepoint, such as savepoint('before-v2')", isStart),
  reset: rule('{ name, sources }, with a position for each source', isReset),
  signal: withMethods('an AbortSignal', ['addEventListener']),
  logger: withMethods('a logger, such as pino()', ['debug', 'info', 'warn', 'error']),
  clock: withMethods('a clock', ['setTimeout']),
  probe: aFunction,
}

function isStart(value: unknown): boolean {
  const { savepoint, job = 'job' } = (value ?? {}) as Partial<SavepointStart>
  return isPlainName(savepoint) && isPlainName(job)
}

function isReset(value: unknown): boolean {
  const { name, sources, ...others } = (value ?? {}) as Partial<Reset>
  const starts = typeof sources === 'object' && sources !== null ? Object.values(sources) : []
  return isPlainName(name) && starts.length > 0 && starts.every(isStartPosition) && Object.keys(others).length === 0
}

/** Options that mean nothing to a process that is alone, or to one of several. */
function mismatched(options: Partial<ExecuteOptions>): readonly string[] {
  if (options.members !== undefined) {
    return options.rescale === undefined
      ? []
      : ['rescale is for a job of one process: with members, call rescale of the running job']
  }
  const given = (['threads', 'onShardFailure'] as const).filter((name) => options[name] !== undefined)
  return given.map((name) => `${name} needs members`)
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
  const problems = optionProblems(options?.checkpointing ?? {}, checkpointRules, 'checkpointing.')
  checkOptions('execute', options, rules, { problems: [...problems, ...mismatched(options ?? {})] })
  const here = shardHere()
  return here === null ? startedAs(job, start(job, options)) : here.execute(job, options)
}

function start(job: Job, options: ExecuteOptions): JobHandle {
  const { shards = 1, restart = exponentialDelay() } = options
  const me = randomUUID()
  const clock = steadyClock(options.clock ?? systemClock)
  const { interval, minPause } = checkpointSettings(options.checkpointing ?? {})
  const { logger } = options
  const watched = {
    job: job.name,
    shards,
    interval: Math.max(interval, minPause),
    clock,
    logger,
    savepoints: savepointsOf(job, options),
    state: jobState(job, options),
  }
  if (shards === 1 && options.members === undefined && options.rescale === undefined)
    return alone(execution(job, options, { execution: me, shard: 0, shards }), watched)
  const program = programOf(options.program)
  if (options.members !== undefined) {
    const { members, threads = availableParallelism() } = options
    const ask = (what: Order): void => void running[what]().catch(() => undefined)
    const pool = memberThreads({ job: job.name, execution: me, program, threads, clock, restart, ask })
    const { start, silences, metrics: read, close } = pool
    const running = memberJob(job, options, { me, members, threads, start, silences, close })
    return jobHandle({ ...running, rescale: checked(running.rescale) }, { ...watched, shards: 0, silences, read })
  }
  const planFor = (wanted: number) => planning(job, options, { execution: me, shards: wanted })
  const threads = shardThreads({ job: job.name, execution: me, shards, program, clock, restart })
  const { rescale, ...running } = overShards(shards, planFor, threads, options.signal)
  const spread = options.rescale === undefined ? running : { ...running, rescale: checked(rescale) }
  return jobHandle(spread, { ...watched, silences: threads.silences, read: threads.metrics })
}

function alone(running: RunningShard, parts: Omit<HandleParts, 'read'>): JobHandle {
  return jobHandle(running, { ...parts, read: async () => running.read() })
}

function checked(rescale: JobHandle['rescale']): JobHandle['rescale'] {
  return async (shards) => {
    checkOptions('rescale', { shards }, { shards: required(wholeNumber(1, mostShards)) })
    return rescale(shards)
  }
}
