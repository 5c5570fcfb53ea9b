/** What a page watches: a job of this process, or one whose events come from elsewhere. */
import { FatalError, RxweftError, toError } from '../errors.ts'
import type { JobEvent } from '../job/events.ts'
import { type JobGraph, jobGraph } from '../job/graph/jobGraph.ts'
import type { JobHealth } from '../job/health.ts'
import type { JobHandle } from '../job/jobHandle.ts'
import { jobOf } from '../job/startedJobs.ts'
import type { Metric } from '../metrics/metric.ts'
import type { Reason } from './view.ts'

/** An error as plain data, so that events can come from another process. */
type Plain<E> = E extends { readonly error: unknown } ? Omit<E, 'error'> & { readonly error: Reason } : E

/** Event of a job with its error as plain data, or what happens to its process. */
export type WatchedEvent =
  | Plain<JobEvent>
  | {
      /** The process of the job has ended before the job. */
      readonly type: 'process-ended'
      readonly error: Reason
      readonly shard?: number
    }

/** What the page reads of a metric. */
export type Measure = Pick<Metric, 'name' | 'labels' | 'value'>

/** What the buttons of a page do. */
export interface Steering {
  /**
   * Ends the job with a final checkpoint, which is kept under a name if one is given. Resolves when
   * the end has begun or, with a name, when it is there. Undefined: cannot.
   */
  readonly stop?: ((savepoint?: string) => Promise<unknown>) | undefined
  /** Undefined: cannot. */
  readonly savepoint?: ((name: string) => Promise<unknown>) | undefined
}

export interface Subject extends Steering {
  readonly name: string
  readonly graph: JobGraph
  /** Calls back for each event, until the returned function is called. */
  watch(listener: (event: WatchedEvent) => void): () => void
  health(): JobHealth
  /** Is called only while a page is open. */
  metrics(): Promise<readonly Measure[]>
}

/**
 * The job behind a handle.
 *
 * @throws BAD_OPTION if `execute` has not returned the handle
 */
export function subjectOf(handle: JobHandle): Subject {
  const job = jobOf(handle)
  if (job === undefined)
    throw new FatalError('BAD_OPTION', 'consolePage: the job is no handle that `execute` has returned', {
      hint: 'Pass the result of execute(job, options), not the job',
    })
  return {
    name: job.name,
    graph: jobGraph(job),
    watch(listener) {
      const subscription = handle.events$.subscribe((event) => listener(plainEvent(event)))
      return () => subscription.unsubscribe()
    },
    health: handle.health,
    metrics: handle.metrics,
    async stop(savepoint) {
      if (savepoint !== undefined) return handle.stop({ savepoint })
      // Its failure arrives as an event.
      handle.stop().catch(() => undefined)
    },
    savepoint: handle.savepoint,
  }
}

export function plainEvent(event: JobEvent): WatchedEvent {
  return 'error' in event ? ({ ...event, error: reasonOf(event.error) } as WatchedEvent) : event
}

/** Code, description, place and hint of an error; never a value. */
export function reasonOf(thrown: unknown): Reason {
  if (!(thrown instanceof RxweftError)) {
    const { name, message } = toError(thrown)
    return { code: name, what: message, where: '', hint: '' }
  }
  const { code, what, where, hint = '' } = thrown
  const places = Object.entries(where).map(([name, value]) => `${name} ${value}`)
  return { code, what, where: places.join(', '), hint }
}
