/** One run of one shard in this process, in whatever thread. */
import type { Observable } from 'rxjs'
import type { Plan } from '../../contracts/plan.ts'
import { deferred } from '../../deferred.ts'
import type { Job } from '../defineJob.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { execution } from '../execution.ts'
import type { JobResult } from '../jobHandle.ts'

export interface ShardRun {
  readonly events$: Observable<JobEvent>
  readonly done: Promise<JobResult>
  /** Takes the shard over under this plan, once everything is open. */
  go(plan: Plan): void
  /** Ends it with a final checkpoint, signed as released under the plan of this number. */
  release(plan: number): void
  /** Ends it with a final checkpoint. */
  stop(): Promise<unknown>
  /** Ends it at once. */
  cancel(): Promise<unknown>
}

/** Starts a shard; it opens everything, calls `opened`, and waits for `go`. */
export type StartShard = (shard: number, plan: Plan, opened: () => void) => ShardRun

/** Runs shards in this thread. */
export function shardsHere(job: Job, options: ExecuteOptions, me: string): StartShard {
  return (shard, plan, opened) => {
    const admission = deferred<Plan>()
    const { events$, done, release, stop, cancel } = execution(job, options, {
      ...{ execution: me, shard, shards: plan.owners.length, plan },
      admitted() {
        opened()
        return admission.promise
      },
    })
    return {
      ...{ events$, done, stop, cancel, go: admission.resolve },
      release: (number) => void release(number).catch(() => undefined),
    }
  }
}
