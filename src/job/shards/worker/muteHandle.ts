/** The program in a worker thread: its `execute` begins once, and its handle only forwards. */
import { NEVER } from 'rxjs'
import type { Job } from '../../defineJob.ts'
import type { ExecuteOptions } from '../../executeOptions.ts'
import type { JobHandle } from '../../jobHandle.ts'
import type { Order } from '../messages.ts'

export interface ShardHere {
  execute(job: Job, options: ExecuteOptions): JobHandle
}

/** What both kinds of threads report of their program. */
export type ProgramReport = { readonly type: 'running' } | { readonly type: 'ask'; readonly what: Order }

/**
 * What `execute` does in a thread: the first call for the job of this name begins, and any other
 * runs nothing. The program gets a mute handle.
 */
export function beginsOnce(
  name: string,
  report: (one: ProgramReport) => void,
  begin: (job: Job, options: ExecuteOptions) => void,
): ShardHere {
  let running = false
  return {
    execute(job, options) {
      if (job.name !== name || running) return mute(job.name, () => undefined)
      running = true
      report({ type: 'running' })
      begin(job, options)
      return mute(name, (what) => report({ type: 'ask', what }))
    },
  }
}

/** @param ask forwards to the main thread what ends the whole job */
function mute(job: string, ask: (what: Order) => void): JobHandle {
  const done = new Promise<never>(() => undefined)
  const asking = (what: Order) => () => {
    ask(what)
    return done
  }
  // The end of a block in this thread must not stop the whole job.
  const dispose = () => done
  const health = () => ({ ready: false, live: true, reasons: ['only the main thread knows the health of the job'] })
  return {
    done,
    events$: NEVER,
    members$: NEVER,
    health,
    job,
    metrics: async () => [],
    stop: asking('stop'),
    leave: asking('leave'),
    cancel: asking('cancel'),
    rescale: () => done,
    savepoint: () => done,
    state: () => ({ get: () => done, keys: () => done, map: () => done }),
    [Symbol.asyncDispose]: dispose,
  }
}
