/**
 * One shard, seen from the main thread: a worker thread that runs the program again (shardWorker.ts is its inside), and another one where
 * it dies without a word. Threads and not processes: they end with the process, whatever kills it, so none goes on alone.
 *
 *   thread --running--events--ended | failed--> done          its own restart strategy has had its say
 *      `--dies (out of memory, process.exit)--> wait --> thread
 */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Subject } from 'rxjs'
import { onAbort, sleep } from '../../clock.ts'
import { deferred } from '../../deferred.ts'
import type { CheckpointId, Clock } from '../../element.ts'
import { FatalError, RetriableError, type RxweftError, toRxweftError } from '../../errors.ts'
import type { JobEvent } from '../events.ts'
import type { ShardIdentity } from '../execution.ts'
import type { JobHandle, JobResult } from '../jobHandle.ts'
import type { RestartPolicy } from '../restart.ts'
import { type Order, type Report, unpackError, unpackEvent } from './messages.ts'
import { dataName, type ShardData } from './shardWorker.ts'
import { startable } from './typescript.ts'

export interface ThreadOptions extends ShardIdentity {
  readonly job: string
  readonly program: string | URL
  readonly clock: Clock
  readonly delayAfter: RestartPolicy
  /** Called where the program wants the whole job to end. */
  readonly ask: (what: Order) => void
}

/** How long a thread that is to end may take, ms: a function of its job may not come back. */
const grace = 5_000

/** How a thread has ended of which nobody has wanted that. */
interface Death {
  readonly error: RxweftError
}

export function shardThread(options: ThreadOptions): JobHandle {
  const { clock, delayAfter, shard, ask } = options
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  let last: CheckpointId = 0
  /** Some thread of this shard has come to `execute`. */
  let hasRun = false

  function tell(event: JobEvent): void {
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }

  const cancelled = (): JobResult => ({ outcome: 'cancelled', checkpoint: last })

  /** Rejects with what the shard has failed with. */
  async function life(): Promise<JobResult | Death> {
    const end = deferred<JobResult | Death>()
    const over = new AbortController()
    const { worker, port } = thread(options)
    const order = (what: Order): void => port.postMessage(what)
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
    worker.once('error', (thrown) => end.resolve({ error: died(thrown, shard, hasRun) }))
    worker.once('exit', (code) => {
      // What it has said comes first, and may still be on its way.
      setImmediate(() => end.resolve({ error: died(code, shard, hasRun) }))
    })
    onAbort(stopping.signal, () => order('stop'), over.signal)
    onAbort(cancelling.signal, () => order('cancel'), over.signal)
    onAbort(cancelling.signal, () => sleep(clock, grace, over.signal).then(() => end.resolve(cancelled())), over.signal)
    try {
      return await end.promise
    } finally {
      over.abort()
      await worker.terminate()
      port.close()
    }
  }

  async function run(): Promise<JobResult> {
    let triesToStop = 3
    for (;;) {
      if (cancelling.signal.aborted) return cancelled()
      const startedAt = clock.now()
      const end = await life()
      if (!('error' in end)) return end
      if (cancelling.signal.aborted) return cancelled()
      const { error } = end
      const delay = error.consequence === 'retriable' ? delayAfter({ now: clock.now(), startedAt }) : null
      if (delay === null || (stopping.signal.aborted && --triesToStop < 0)) throw error
      tell({ type: 'restarting', error, delay })
      await sleep(clock, delay, cancelling.signal, ...(stopping.signal.aborted ? [] : [stopping.signal]))
    }
  }

  const done = run().finally(() => events.complete())
  const asked = (signal: AbortController) => () => {
    signal.abort()
    return done
  }
  return { done, events$: events.asObservable(), stop: asked(stopping), cancel: asked(cancelling) }
}

function thread({ job, execution, shard, shards, program }: ThreadOptions) {
  const { port1: port, port2 } = new MessageChannel()
  const data: ShardData = { job, execution, shard, shards, port: port2 }
  const worker = new Worker(startable(program), {
    name: `${job}/${shard}`,
    argv: process.argv.slice(2),
    workerData: { [dataName]: data },
    transferList: [port2],
  })
  return { worker, port }
}

/** The program of a thread. Throws Fatal NO_PROGRAM where this process has no main program. */
export function programOf(given: string | URL | undefined): string | URL {
  if (given instanceof URL) return given
  if (given !== undefined) return resolve(given)
  const main = process.argv[1]
  if (main === undefined) throw noProgram()
  try {
    // As node finds it: without its extension, too, or as a folder.
    return createRequire(main).resolve(main)
  } catch {
    return main
  }
}

function located(error: Error, shard: number): RxweftError {
  return toRxweftError(error, (cause) => new FatalError('UNEXPECTED', cause.message, { cause })).at({ shard })
}

/** @param how its exit code, or what nobody has caught in it */
function died(how: unknown, shard: number, hasRun: boolean): RxweftError {
  const end = typeof how === 'number' ? `exit code ${how}` : how instanceof Error ? how.message : String(how)
  const detail = { where: { shard }, ...(typeof how === 'number' ? {} : { cause: how }) }
  if (hasRun) return new RetriableError('SHARD_DIED', `the thread of the shard has ended: ${end}`, detail)
  return new FatalError('SHARD_NOT_STARTED', `the program of the shard has not come to its execute(job): ${end}`, {
    ...detail,
    hint: 'It runs once more in each thread, so `execute` must not depend on isMainThread; name it with `program` if it is not the main program',
  })
}

function noProgram(): FatalError {
  return new FatalError('NO_PROGRAM', 'there is no program that a shard could run', {
    hint: 'Name it with the option `program`: the file that calls execute for this job',
  })
}
