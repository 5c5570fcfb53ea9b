/**
 * Runs a job, or one shard of it: attempt after attempt, as its restart strategy allows, until it
 * is stopped, finished, fenced or broken.
 *
 *   attempt --Retriable--> wait --> attempt --Fatal | Corrupted--> failed
 *       `--Fenced--> wait --> the ledger says: still the owner --> attempt
 *                                              another one      --> failed, Fenced
 */
import { randomUUID } from 'node:crypto'
import { Subject } from 'rxjs'
import { checkpointSettings } from '../checkpoint/settings.ts'
import { watchedStorage } from '../checkpoint/watchedStorage.ts'
import { onAbort, steadyClock, systemClock } from '../clock.ts'
import type { Plan } from '../contracts/plan.ts'
import { RetriableError, type RxweftError, toRxweftError } from '../errors.ts'
import type { Metric } from '../metrics/metric.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import { memoryState } from '../state/memoryState.ts'
import { runAttempt } from './attempt.ts'
import { versionOf } from './change/jobChange.ts'
import type { Job } from './defineJob.ts'
import type { JobEvent } from './events.ts'
import type { ExecuteOptions } from './executeOptions.ts'
import { type JobResult, type RunningJob, toldEnd, unexpected } from './jobHandle.ts'
import { type AttemptView, shardMetrics } from './metrics/shardMetrics.ts'
import { buildPipeline } from './pipeline.ts'
import { exponentialDelay } from './restart.ts'
import { restartDelay } from './restartDelay.ts'
import { type Failure, restarting } from './restarting.ts'
import { type Admission, type Claim, claimOf } from './takeOver.ts'
import { withAttempt } from './withAttempt.ts'

/** Shard, number of shards, and call of `execute`. */
export interface ShardIdentity {
  readonly execution: string
  readonly shard: number
  readonly shards: number
  /** Plan that gives the shard to this execution. Default: the job has none. */
  readonly plan?: Plan | undefined
  /**
   * Called when everything is open; resolves with the plan under which the shard may be taken over.
   * Default: `plan`, at once.
   */
  readonly admitted?: (() => Promise<Admission>) | undefined
  /** Called when the state is loaded ahead, as far as it can be. */
  readonly loaded?: (() => void) | undefined
}

/** A running shard that can be handed over. */
export interface RunningShard extends RunningJob {
  /**
   * Ends it as `stop` does; its final checkpoint lets the shard go under the plan of this number.
   */
  release(plan: number): Promise<JobResult>
  /** Metrics of the shard now. */
  read(): readonly Metric[]
}

/** Starts the job. Wrong options throw at once; other failures arrive at `done` and `events$`. */
export function execution(
  job: Job,
  options: ExecuteOptions,
  { admitted, loaded, ...shardIdentity }: ShardIdentity,
): RunningShard {
  const { execution, shard, shards, plan } = shardIdentity
  const settings = checkpointSettings(options.checkpointing ?? {})
  const { state = memoryState(), probe = () => undefined } = options
  const clock = steadyClock(options.clock ?? systemClock)
  const policy = (options.restart ?? exponentialDelay())(Math.random)
  const claim: Claim = {
    ...claimOf(execution, shard, plan),
    ...{ admitted, loaded },
  }
  const measured = shardMetrics(job.name, shard, clock)
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  const over = new AbortController()
  let last: CheckpointId = 0
  /**
   * Attempts that have ended because a checkpoint took too long, since the last one that was
   * committed.
   */
  let timeouts = 0

  /** A value of state did not encode: from now on the record that makes such a value is found. */
  let provesState = false

  const tell = (event: JobEvent): void => {
    if (event.type === 'checkpoint-committed') timeouts = 0
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }
  const storage = watchedStorage(options.storage, clock, tell, over.signal)

  async function attempt(): Promise<void> {
    const rehearsal = () => buildPipeline(job, storage, shards)
    const pipeline = rehearsal()
    const identity = { job: job.name, ...shardIdentity, attempt: randomUUID(), ...versionOf(job), provesState }
    const readsInPart = (source: OperatorId) =>
      shards > 1 && pipeline.feeds.some((fed) => fed.source.id === source && fed.everywhere === undefined)
    const { meters } = measured
    meters.begin()
    const services = { clock, probe, badRecords: pipeline.badRecords, tell, readsInPart, meters }
    const abandoned = [options.abandonLineage ?? []].flat()
    const parts = {
      pipeline,
      rehearsal,
      storage,
      state,
      settings,
      claim,
      abandoned,
      from: options.from,
      reset: options.reset,
      tell,
      stopRequested: stopping.signal,
      measured(view: AttemptView) {
        measured.view = view
      },
    }
    const cancelled = cancelling.signal
    const timedOut = () => timeouts > 0
    const sinkMeter = measured.sinkMeter(pipeline.outputs)
    try {
      await withAttempt({ identity, settings, services, sinkMeter, cancelling: cancelled, timedOut }, (attempt) =>
        runAttempt({ attempt, ...parts }),
      )
    } finally {
      measured.view = null
    }
  }

  /**
   * The same timeout again, without a checkpoint in between: adds that it will not pass by itself.
   */
  function repeated(error: RxweftError): RxweftError {
    if (error.code !== 'CHECKPOINT_TIMEOUT') return error
    timeouts += 1
    return timeouts > 1 ? timedOutAgain(error, timeouts) : error
  }

  /**
   * Proves state from the next attempt on, if the error asks for it: that attempt blames a record,
   * so that `onError` decides. Returns whether it does so from now on.
   */
  function startsProving({ code, badRecord }: RxweftError): boolean {
    if (code !== 'STATE_NOT_ENCODABLE' || badRecord || provesState) return false
    provesState = true
    return true
  }

  async function once(): Promise<JobResult | Failure> {
    try {
      await attempt()
      return { outcome: outcome(), checkpoint: last }
    } catch (thrown) {
      return { error: repeated(toRxweftError(thrown, unexpected)) }
    }
  }

  const outcome = () => (cancelling.signal.aborted ? 'cancelled' : stopping.signal.aborted ? 'stopped' : 'finished')

  const run = (): Promise<JobResult> => {
    const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
    return restarting(
      { clock, ...signals, last: () => last, tell, delayAfter: restartDelay(policy, startsProving) },
      once,
    )
  }

  async function observed(): Promise<JobResult> {
    try {
      return await toldEnd(run, tell)
    } finally {
      over.abort()
      events.complete()
    }
  }

  if (options.signal !== undefined) onAbort(options.signal, () => cancelling.abort(), over.signal)
  // Deferred, so that the caller can subscribe to events$ first.
  const done = Promise.resolve().then(observed)

  return {
    done,
    events$: events.asObservable(),
    read: measured.read,
    stop() {
      // Deferred: the caller may be an operator whose record has not reached every branch yet.
      queueMicrotask(() => stopping.abort())
      return done
    },
    release(plan) {
      claim.releases = plan
      stopping.abort()
      return done
    },
    cancel() {
      cancelling.abort()
      return done
    },
  }
}

function timedOutAgain({ what, where }: RxweftError, times: number): RxweftError {
  return new RetriableError('CHECKPOINT_TIMEOUT', `${times} attempts in a row ended the same way: ${what}`, {
    where,
    hint: 'No output has become visible since, and each attempt processes the same records again. The part named here takes longer than a checkpoint may take: make it faster, or raise checkpointing.timeout and transactionTimeout of the sink',
  })
}
