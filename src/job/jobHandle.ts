import { Observable, Subject } from 'rxjs'
import type { Savepoint } from '../checkpoint/savepoints/savepoints.ts'
import { FatalError, toRxweftError } from '../errors.ts'
import type { Measured, Metric } from '../metrics/metric.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import type { JobEvent } from './events.ts'
import { type HealthParts, healthWatch, type JobHealth } from './health.ts'
import { type Logger, logEvents } from './logging/logger.ts'
import type { JobMembers } from './members/jobMembers.ts'
import { jobMetrics } from './metrics/jobMetrics.ts'
import type { JobState, StateReading } from './reading/jobState.ts'
import { restartWarning } from './restartWarning.ts'
import type { SavepointKeeper } from './savepoints/savepointsOf.ts'

/** Outcome of a job that ended without an error. */
export interface JobResult {
  /**
   * Way in which the job ended: its input ended, `stop`, `cancel`, or `leave`, after which other
   * processes go on with it.
   */
  readonly outcome: 'finished' | 'stopped' | 'cancelled' | 'left'
  /** Last checkpoint known to be committed; with several shards, the lowest of theirs. */
  readonly checkpoint: CheckpointId
}

/** Running job, as returned by `execute`: watch it and end it. */
export interface JobHandle extends Measured {
  /**
   * Resolves when the job has ended without an error. Rejects with the Fatal, Fenced or Corrupted
   * error, or with the last Retriable one.
   */
  readonly done: Promise<JobResult>
  /**
   * Takes a final checkpoint and ends the job: nothing stays open or undone. A failing final
   * checkpoint is tried up to three times more, as the restart strategy allows. Settles as `done`;
   * with `savepoint`, once that checkpoint is kept.
   *
   * Rejects, and the job goes on, with Fatal SAVEPOINT_EXISTS and CANNOT_KEEP_SAVEPOINT. With
   * `members`, rejects with CANNOT_KEEP_SAVEPOINT after the end, too, if within 60 s a shard has no
   * final checkpoint, as where its process was killed meanwhile: nothing is lost then. Rejects
   * with Retriable SHARD_HANGS if the thread of a shard shows no sign of life for 30 s meanwhile,
   * as where a function of the job never returns.
   */
  stop(options?: StopOptions): Promise<JobResult>
  /**
   * Keeps the newest checkpoint of all shards under a name, until `removeSavepoint` removes it. The
   * job goes on meanwhile, and its checkpoints do not wait. Resolves once the savepoint is there.
   *
   * ```ts
   * await job.savepoint('before-v2')
   * ```
   *
   * Rejects with Fatal SAVEPOINT_EXISTS, SAVEPOINT_TOO_EARLY and CANNOT_KEEP_SAVEPOINT, and with
   * errors of ledger and storage; then there is no savepoint. In the thread of a shard it never
   * resolves.
   */
  savepoint(name: string): Promise<Savepoint>
  /**
   * Ends the job in this process only, in a job with `members`: hands its shards over to the other
   * processes, one by one as these are ready, and resolves then. What nobody has taken after 25 s
   * is ended with a final checkpoint. Without `members` the same as `stop`.
   *
   * ```ts
   * process.once('SIGTERM', () => void job.leave())
   * ```
   */
  leave(): Promise<JobResult>
  /**
   * Spreads the job over another number of shards while it runs: the shards that give or get
   * partitions take a final checkpoint and stop, the state of their keys moves, and they start
   * again. Resolves when they start. Only for a job that was started with `rescale` or with
   * `members`; in the thread of a shard it never resolves.
   *
   * With `members`, any process may call it. The plan holds the request: another process goes on
   * with the move if the one that carries it out dies.
   *
   * Rejects with Fatal STATE_HAS_NO_SLOT, and whatever else refuses the move: the job then goes on
   * as before. Rejects with Fatal CANNOT_BE_RESCALED if it was started with neither, and with
   * JOB_NOT_RUNNING once the job ends.
   */
  rescale(shards: number): Promise<void>
  /**
   * Reads the keyed state of an operator as of the newest checkpoint of each shard, beside the job,
   * which does not notice: the first call loads the state into memory of this thread, later ones
   * what has changed. In the thread of a shard its promises never resolve.
   *
   * ```ts
   * const total = await job.state<number>('totals').get('ann')
   * ```
   *
   * Its promises reject with NO_SUCH_STATE, WRONG_STATE_KIND, SAVEPOINT_TOO_EARLY and
   * CANNOT_READ_STATE.
   *
   * @param name name of the state, if the operator has several
   */
  state<V>(operator: OperatorId, name?: string): JobState<V>
  /** Ends the job at once; the next run reads again what came after the last checkpoint. */
  cancel(): Promise<JobResult>
  /** Emits events of the job from now on. Completes when the job ends; never errors. */
  readonly events$: Observable<JobEvent>
  /**
   * Emits all processes and shards of a job with `members`, now and after each change; each
   * checkpoint of a shard is one. Completes when the job ends; never errors. Without `members` it
   * emits nothing.
   */
  readonly members$: Observable<JobMembers>
  /**
   * Tells whether the job is ready and live in this process, and why not; for the probes of an
   * orchestrator. In the thread of a shard it knows nothing and reports not ready: ask in the main
   * thread.
   */
  health(): JobHealth
  /**
   * Resolves with the values of all metrics of the job in this process now: of its shards, of the
   * threads that run them, and of the process; see docs/observe.md for the list. Reading costs what
   * it reads, so a job whose metrics nobody reads pays for none. A thread that does not answer
   * within a second is left with what it has answered before. In the thread of a shard it resolves
   * with nothing: ask in the main thread.
   */
  metrics(): Promise<readonly Metric[]>
  /**
   * Stops the job at the end of a block that holds it as `await using job = execute(...)`, and
   * waits for its end. Never rejects: `done` does. In the thread of a shard it never resolves, as
   * `done`.
   */
  [Symbol.asyncDispose](): Promise<void>
}

/** Options of `stop`. */
export interface StopOptions {
  /**
   * Name under which the final checkpoint is kept; with `members`, that of all processes. Not in
   * the thread of a shard. Default: it is not kept.
   */
  readonly savepoint?: string | undefined
}

type ForUsers =
  | 'job'
  | typeof Symbol.asyncDispose
  | 'health'
  | 'metrics'
  | 'savepoint'
  | 'state'
  | 'stop'
  | 'leave'
  | 'members$'
  | 'rescale'

/** Running job as seen by the runner. */
export type RunningJob = Omit<JobHandle, ForUsers> &
  Partial<Pick<JobHandle, 'leave' | 'members$' | 'rescale'>> & {
    /** Ends the job with a final checkpoint. */
    stop(): Promise<JobResult>
  }

export interface HandleParts extends HealthParts {
  readonly job: string
  readonly savepoints: SavepointKeeper
  readonly state: StateReading
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined
  /** Metrics of the shards in this process, and of their threads. */
  readonly read: () => Promise<readonly Metric[]>
}

/**
 * Makes the handle for users. `done` is a promise of its own: if nobody handles it, its rejection
 * ends the process.
 */
export function jobHandle(
  { events$, stop, cancel, done: end, leave = stop, members$ = unseen(end), rescale = refused }: RunningJob,
  { job, savepoints, state, read, logger, ...parts }: HandleParts,
): JobHandle {
  const events = new Subject<JobEvent>()
  const watch = healthWatch(parts)
  const { shards, clock } = parts
  const measured = jobMetrics({ job, shards, clock, read, health: watch.health })
  const log = logger === undefined ? () => undefined : logEvents(job, logger)
  const warn = restartWarning(job, () => events.observed || logger !== undefined)
  events$.subscribe({
    next(event) {
      watch.tell(event)
      measured.tell(event)
      log(event)
      warn(event)
      events.next(event)
    },
    complete: () => events.complete(),
  })
  const done = end.then((result) => result)
  const ended = end.then(
    () => undefined,
    () => undefined,
  )

  ended.then(state.close)

  /** What refuses the savepoint does so before the job ends. */
  async function stopAndKeep(name: string): Promise<JobResult> {
    await savepoints.mayKeepLast(name)
    stop()
    const result = await done
    if (result.outcome !== 'cancelled') await savepoints.keepLast(name)
    return result
  }

  return {
    done,
    events$: events.asObservable(),
    health: watch.health,
    ...{ job, metrics: measured.metrics },
    members$,
    rescale,
    savepoint: (name) => savepoints.keep(name),
    state: state.of,
    stop({ savepoint } = {}) {
      if (savepoint !== undefined) return stopAndKeep(savepoint)
      stop()
      return done
    },
    leave() {
      leave()
      return done
    },
    cancel() {
      cancel()
      return done
    },
    [Symbol.asyncDispose]() {
      stop()
      return ended
    },
  }
}

async function refused(): Promise<never> {
  throw new FatalError('CANNOT_BE_RESCALED', 'the number of shards of this job cannot change while it runs', {
    hint: "Start it with `rescale: 'at-start'`, or with `members`",
  })
}

export function jobNotRunning(): FatalError {
  return new FatalError('JOB_NOT_RUNNING', 'the job does not run, so its shards cannot change', {
    hint: "Start it with another number of shards and `rescale: 'at-start'`",
  })
}

/** Emits nothing, until the end. */
function unseen(end: Promise<unknown>): Observable<never> {
  return new Observable((subscriber) => {
    const complete = (): void => subscriber.complete()
    end.then(complete, complete)
  })
}

/** Emits the last event of the job before `done` settles. */
export async function toldEnd(run: () => Promise<JobResult>, tell: (event: JobEvent) => void): Promise<JobResult> {
  try {
    const result = await run()
    tell({ type: result.outcome, checkpoint: result.checkpoint })
    return result
  } catch (thrown) {
    tell({ type: 'failed', error: toRxweftError(thrown, unexpected) })
    throw thrown
  }
}

/** Wraps an unnamed error, a bug of rxweft or of a connector: a restart would meet it again. */
export function unexpected(cause: Error): FatalError {
  return new FatalError('UNEXPECTED', `${cause.name}: ${cause.message}`, {
    cause,
    hint: 'If the stack shows a function of yours in an RxJS operator: it gets elements, not values, so import the operator from rxweft',
  })
}
