/** One run of one shard in this process, in whatever thread. */
import type { Observable } from 'rxjs'
import type { Plan } from '../../contracts/plan.ts'
import { deferred } from '../../deferred.ts'
import type { Metric } from '../../metrics/metric.ts'
import type { Job } from '../defineJob.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { execution } from '../execution.ts'
import type { JobResult } from '../jobHandle.ts'
import type { Admission } from '../takeOver.ts'

export interface ShardRun {
  readonly events$: Observable<JobEvent>
  readonly done: Promise<JobResult>
  /** Takes the shard over, once everything is open. */
  go(admission: Admission): void
  /** Ends it with a final checkpoint, signed as released under the plan of this number. */
  release(plan: number): void
  /** Ends it with a final checkpoint. */
  stop(): Promise<unknown>
  /** Ends it at once. */
  cancel(): Promise<unknown>
}

/** A shard that runs in this thread. */
export interface LocalRun extends ShardRun {
  /** Its metrics now. */
  read(): readonly Metric[]
}

/** Steps before the takeover: everything is open; the state is loaded ahead, if it can be. */
export type ShardStep = 'opened' | 'loaded'

/** Starts a shard; it opens everything, loads its state, and waits for `go`. */
export type StartShard<R extends ShardRun = ShardRun> = (
  shard: number,
  plan: Plan,
  reached: (step: ShardStep) => void,
) => R

/** Runs shards in this thread. */
export function shardsHere(job: Job, options: ExecuteOptions, me: string): StartShard<LocalRun> {
  return (shard, plan, reached) => {
    const admission = deferred<Admission>()
    const { events$, done, read, release, stop, cancel } = execution(job, options, {
      ...{ execution: me, shard, shards: plan.owners.length, plan },
      admitted() {
        reached('opened')
        return admission.promise
      },
      loaded: () => reached('loaded'),
    })
    return {
      ...{ events$, done, read, stop, cancel, go: admission.resolve },
      release: (number) => void release(number).catch(() => undefined),
    }
  }
}
