/**
 * Something that runs in a worker thread, seen from the main thread: life after life, each in a
 * thread, as its restart strategy allows. Threads are used instead of processes because they end
 * with the process, whatever kills it, so none goes on alone.
 *
 *     life --events--ended | failed--> done                     after its own restart strategy
 *       `--thread dies (out of memory, process.exit)--> wait --> life
 */
import { Subject } from 'rxjs'
import type { Clock } from '../../../attempt.ts'
import { onAbort, sleep } from '../../../clock.ts'
import { deferred } from '../../../deferred.ts'
import { FatalError, toRxweftError } from '../../../errors.ts'
import type { CheckpointId } from '../../../record.ts'
import type { JobEvent } from '../../events.ts'
import type { JobResult, RunningJob } from '../../jobHandle.ts'
import type { RestartPolicy } from '../../restart.ts'
import { type Failure, restarting } from '../../restarting.ts'
import { unpackError, unpackEvent, type WireError, type WireEvent } from '../messages.ts'
import { died, grace } from '../worker/thread.ts'
import { hangWatch, shardHangs } from './hangWatch.ts'

/** Takes what the thread reports about this run. */
export interface ThreadReports {
  event(event: WireEvent): void
  ended(result: JobResult): void
  failed(error: WireError): void
}

/** One life, in one thread. */
export interface ThreadLife {
  /** As that of the thread. */
  readonly death: Promise<unknown>
  /** Whether a thread has reached its `execute`. */
  hasRun(): boolean
  /** Time since its last sign of life, ms. */
  silence(): number
  /** Orders the end: after a final checkpoint, or at once. */
  end(how: 'stop' | 'cancel'): void
  /** Called at the end of the life. */
  close(): Promise<void> | void
}

export interface ThreadRunOptions {
  readonly shard: number
  readonly clock: Clock
  readonly delayAfter: RestartPolicy
  readonly begin: (reports: ThreadReports) => ThreadLife
}

export function threadRun({ shard, clock, delayAfter, begin }: ThreadRunOptions): RunningJob {
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  let last: CheckpointId = 0

  function tell(event: JobEvent): void {
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }

  const cancelled = (): JobResult => ({ outcome: 'cancelled', checkpoint: last })

  /** Rejects with the shard's failure. */
  async function once(): Promise<JobResult | Failure> {
    const end = deferred<JobResult | Failure>()
    const over = new AbortController()
    const life = begin({
      event: (event) => tell(unpackEvent(event)),
      ended: end.resolve,
      failed: (error) => end.reject(toRxweftError(unpackError(error), unnamed).at({ shard })),
    })
    life.death.then((how) => end.resolve({ error: died(how, shard, life.hasRun()) }))
    onAbort(stopping.signal, () => life.end('stop'), over.signal)
    const hangs = (duration: number): void => end.reject(shardHangs(shard, duration))
    onAbort(stopping.signal, () => void hangWatch(clock, life.silence, hangs, over.signal), over.signal)
    onAbort(cancelling.signal, () => life.end('cancel'), over.signal)
    onAbort(cancelling.signal, () => sleep(clock, grace, over.signal).then(() => end.resolve(cancelled())), over.signal)
    try {
      return await end.promise
    } finally {
      over.abort()
      await life.close()
    }
  }

  const run = (): Promise<JobResult> => {
    const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
    return restarting(
      {
        ...{ clock, ...signals, last: () => last, tell },
        // A program that did not reach its `execute` would not reach it next time either.
        delayAfter: ({ consequence }, failure) => (consequence === 'retriable' ? delayAfter(failure) : null),
      },
      once,
    )
  }

  const done = run().finally(() => events.complete())
  const asked = (signal: AbortController) => () => {
    signal.abort()
    return done
  }
  return { done, events$: events.asObservable(), stop: asked(stopping), cancel: asked(cancelling) }
}

function unnamed(cause: Error): FatalError {
  return new FatalError('UNEXPECTED', cause.message, { cause })
}
