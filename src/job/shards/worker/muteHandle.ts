/** The handle that a program gets in a worker thread: it only forwards. */
import { NEVER } from 'rxjs'
import type { Job } from '../../defineJob.ts'
import type { ExecuteOptions } from '../../executeOptions.ts'
import type { JobHandle } from '../../jobHandle.ts'
import type { Order } from '../messages.ts'

export interface ShardHere {
  execute(job: Job, options: ExecuteOptions): JobHandle
}

/** @param ask forwards to the main thread what ends the whole job */
export function mute(ask: (what: Order) => void): JobHandle {
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
    stop: asking('stop'),
    leave: asking('leave'),
    cancel: asking('cancel'),
    [Symbol.asyncDispose]: dispose,
  }
}
