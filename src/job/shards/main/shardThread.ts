/**
 * One shard, seen from the main thread: a worker thread that runs the program again (its inside is
 * shardWorker.ts), replaced by another one if it dies. Threads are used instead of processes
 * because they end with the process, whatever kills it, so none goes on alone.
 *
 *     thread --running--events--ended | failed--> done          after its own restart strategy
 *        `--dies (out of memory, process.exit)--> wait --> thread
 */
import { Subject } from 'rxjs'
import type { Clock } from '../../../attempt.ts'
import { onAbort, sleep } from '../../../clock.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { deferred } from '../../../deferred.ts'
import { FatalError, type RxweftError, toRxweftError } from '../../../errors.ts'
import type { CheckpointId } from '../../../record.ts'
import type { JobEvent } from '../../events.ts'
import type { JobResult, RunningJob } from '../../jobHandle.ts'
import type { RestartPolicy } from '../../restart.ts'
import { type Failure, type Restarting, restarting } from '../../restarting.ts'
import { type Order, type Report, unpackError, unpackEvent, type Word } from '../messages.ts'
import { died, grace, type Thread } from '../worker/thread.ts'

export interface ShardThreadOptions {
  readonly shard: number
  readonly plan: Plan
  /** A new thread, or a warmed one. */
  readonly thread: () => Thread
  readonly clock: Clock
  readonly delayAfter: RestartPolicy
  /** Called when the program asks to end the whole job. */
  readonly ask: (what: Order) => void
}

export function shardThread({ clock, delayAfter, shard, plan, thread, ask }: ShardThreadOptions): RunningJob {
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  let last: CheckpointId = 0
  /** True if some thread of this shard has reached `execute`. */
  let hasRun = false

  function tell(event: JobEvent): void {
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }

  const cancelled = (): JobResult => ({ outcome: 'cancelled', checkpoint: last })

  /** Rejects with the shard's failure. */
  async function life(): Promise<JobResult | Failure> {
    const end = deferred<JobResult | Failure>()
    const over = new AbortController()
    const { port, death, close } = thread()
    const say = (word: Word): void => port.postMessage(word)
    const hear: { readonly [T in Report['type']]: (report: Extract<Report, { type: T }>) => void } = {
      running: () => {
        hasRun = true
      },
      event: ({ event }) => tell(unpackEvent(event)),
      ask: ({ what }) => ask(what),
      ended: ({ result }) => end.resolve(result),
      failed: ({ error }) => end.reject(located(unpackError(error), shard)),
    }
    port.on('message', (report: Report) => hear[report.type](report as never))
    death.then((how) => end.resolve({ error: died(how, shard, hasRun) }))
    say({ go: plan })
    onAbort(stopping.signal, () => say('stop'), over.signal)
    onAbort(cancelling.signal, () => say('cancel'), over.signal)
    onAbort(cancelling.signal, () => sleep(clock, grace, over.signal).then(() => end.resolve(cancelled())), over.signal)
    try {
      return await end.promise
    } finally {
      over.abort()
      await close()
    }
  }

  const run = (): Promise<JobResult> => {
    const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
    return restarting({ clock, ...signals, last: () => last, tell, delayAfter: afterDeath }, life)
  }

  /** A program that did not reach its `execute` would not reach it next time either. */
  const afterDeath: Restarting['delayAfter'] = ({ consequence }, failure) =>
    consequence === 'retriable' ? delayAfter(failure) : null

  const done = run().finally(() => events.complete())
  const asked = (signal: AbortController) => () => {
    signal.abort()
    return done
  }
  return { done, events$: events.asObservable(), stop: asked(stopping), cancel: asked(cancelling) }
}

function located(error: Error, shard: number): RxweftError {
  return toRxweftError(error, (cause) => new FatalError('UNEXPECTED', cause.message, { cause })).at({ shard })
}
