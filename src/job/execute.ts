/**
 * Runs a job: attempt after attempt, as its restart strategy allows, until it is stopped, finished, fenced or broken.
 *
 *   attempt --Retriable--> wait --> attempt --Fatal | Corrupted--> failed
 *       `--Fenced--> wait --> the ledger says: still the owner --> attempt
 *                                              another one      --> failed, Fenced
 */
import { randomUUID } from 'node:crypto'
import { type Observable, Subject } from 'rxjs'
import { type CheckpointSettings, checkpointSettings } from '../checkpoint/settings.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { abortController, onAbort, sleep, systemClock } from '../clock.ts'
import { deferred } from '../deferred.ts'
import type { CheckpointId, Clock, Probe } from '../element.ts'
import { FatalError, type RxweftError, toRxweftError } from '../errors.ts'
import { memoryState, type StateKeeper } from '../state/memoryState.ts'
import { runAttempt } from './attempt.ts'
import { attemptContext } from './attemptContext.ts'
import type { Job } from './defineJob.ts'
import type { JobEvent } from './events.ts'
import { buildPipeline } from './pipeline.ts'
import { exponentialDelay, type RestartStrategy } from './restart.ts'
import type { Claim } from './takeOver.ts'

export interface ExecuteOptions {
  /** When checkpoints are taken; see CheckpointSettings for the defaults. */
  readonly checkpointing?: Partial<CheckpointSettings> | undefined
  /** Where snapshots are kept. */
  readonly storage: CheckpointStorage
  /** Where keyed state is while the job runs; default: memoryState(). */
  readonly state?: StateKeeper | undefined
  /** What to do after a Retriable failure; default: exponentialDelay(). */
  readonly restart?: RestartStrategy | undefined
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal | undefined
  /** For tests: who tells the time. */
  readonly clock?: Clock | undefined
  /** For tests: sees every step of the checkpoint protocol as it is passed. */
  readonly probe?: Probe | undefined
}

export interface JobResult {
  readonly outcome: 'finished' | 'stopped' | 'cancelled'
  /** The last checkpoint that this execution knows to be committed. */
  readonly checkpoint: CheckpointId
}

export interface JobHandle {
  /** Resolves when the job has ended as it should; rejects with the Fatal, Fenced or Corrupted error, or the last Retriable one. */
  readonly done: Promise<JobResult>
  /**
   * A final checkpoint, then the end: nothing is left open or undone. Where that fails it is tried three times more, as the restart
   * strategy allows. Resolves and rejects as `done` does.
   */
  stop(): Promise<JobResult>
  /** Ends at once; what came after the last checkpoint is read again by the next run. */
  cancel(): Promise<JobResult>
  /** What happens from now on. Completes when the job ends; never errors. */
  readonly events$: Observable<JobEvent>
}

/** A fenced attempt waits this long, ms, before it looks into the ledger, so that a newer execution has signed it by then. */
const fencedDelay = 1_000

/** Starts the job. Wrong settings throw Fatal BAD_SETTINGS at once; everything else is told by `done` and `events$`. */
export function execute(job: Job, options: ExecuteOptions): JobHandle {
  const settings = checkpointSettings(options.checkpointing ?? {})
  const { storage, state = memoryState(), clock = systemClock, probe = () => undefined } = options
  const delayAfter = (options.restart ?? exponentialDelay())(Math.random)
  const claim: Claim = { me: randomUUID(), predecessor: undefined }
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  const over = new AbortController()
  let last: CheckpointId = 0

  const tell = (event: JobEvent): void => {
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }

  async function attempt(): Promise<void> {
    const pipeline = buildPipeline(job, storage)
    const ended = abortController()
    const failure = deferred()
    onAbort(cancelling.signal, failure.resolve, ended.signal)
    const { name, allowDroppedState = false } = job
    const identity = { job: name, shard: 0, execution: claim.me, attempt: randomUUID(), allowDroppedState }
    const { signal } = ended
    const { badRecords } = pipeline
    const context = attemptContext(identity, settings, { clock, probe, signal, badRecords, fail: failure.reject })
    try {
      const run = runAttempt({
        attempt: context,
        pipeline,
        storage,
        state,
        settings,
        claim,
        tell,
        stopRequested: stopping.signal,
      })
      await Promise.race([run, failure.promise])
    } finally {
      ended.abort()
      await context.closeAll()
    }
  }

  async function run(): Promise<JobResult> {
    let triesToStop = 3
    for (;;) {
      if (cancelling.signal.aborted) return { outcome: 'cancelled', checkpoint: last }
      const startedAt = clock.now()
      try {
        await attempt()
        return { outcome: outcome(), checkpoint: last }
      } catch (thrown) {
        const error = toRxweftError(thrown, unexpected)
        const delay = restartDelay(error, () => delayAfter({ now: clock.now(), startedAt }))
        if (cancelling.signal.aborted) return { outcome: 'cancelled', checkpoint: last }
        if (delay === null || (stopping.signal.aborted && --triesToStop < 0)) throw error
        tell({ type: 'restarting', error, delay })
        // A stop that comes meanwhile need not wait: the next attempt has nothing to do but the final checkpoint.
        await sleep(clock, delay, cancelling.signal, ...(stopping.signal.aborted ? [] : [stopping.signal]))
      }
    }
  }

  const outcome = () => (cancelling.signal.aborted ? 'cancelled' : stopping.signal.aborted ? 'stopped' : 'finished')

  async function observed(): Promise<JobResult> {
    try {
      const result = await run()
      tell({ type: result.outcome, checkpoint: result.checkpoint })
      return result
    } catch (thrown) {
      tell({ type: 'failed', error: toRxweftError(thrown, unexpected) })
      throw thrown
    } finally {
      over.abort()
      events.complete()
    }
  }

  if (options.signal !== undefined) onAbort(options.signal, () => cancelling.abort(), over.signal)
  // Not before the caller has had a chance to subscribe to events$.
  const done = Promise.resolve().then(observed)

  return {
    done,
    events$: events.asObservable(),
    stop() {
      // Not now: an operator may be the one who asks, and its record has not reached every branch yet.
      queueMicrotask(() => stopping.abort())
      return done
    },
    cancel() {
      cancelling.abort()
      return done
    },
  }
}

/** null: give up. Fenced may only mean that our transaction expired; the next attempt asks the ledger before it disturbs anybody. */
function restartDelay(error: RxweftError, delayAfter: () => number | null): number | null {
  if (error.consequence === 'fatal' || error.consequence === 'corrupted' || error.code === 'OWNED_BY_ANOTHER')
    return null
  const delay = delayAfter()
  return delay !== null && error.consequence === 'fenced' ? Math.max(delay, fencedDelay) : delay
}

/** A mistake in our own code or in a part that threw something unnamed: again would mean the same again. */
function unexpected(cause: Error): FatalError {
  return new FatalError('UNEXPECTED', `${cause.name}: ${cause.message}`, { cause })
}
