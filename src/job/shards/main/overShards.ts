/**
 * One handle for a job in several shards: writes the plan, starts them, merges their events, ends
 * them together.
 *
 *     plan      -----x
 *     shard 0        ---restored---------------|
 *     shard 1        ------restored------------|
 *     handle    -----------r--r----------------|      done: all have ended
 *
 * A shard restarts alone after a failure. A shard that gives up, or is cancelled, ends all others
 * at once: half of a job is no job.
 */
import { Subject } from 'rxjs'
import { onAbort } from '../../../clock.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { isEnd, type JobEvent } from '../../events.ts'
import { type JobResult, type RunningJob, toldEnd } from '../../jobHandle.ts'
import type { Planning } from '../../planning.ts'
import type { Order } from '../messages.ts'

export interface ShardStarter {
  /**
   * Starts one shard.
   *
   * @param plan gives the shard to this execution
   * @param ask called when its program asks to end the whole job
   */
  start(shard: number, plan: Plan, ask: (what: Order) => void): RunningJob
  /** Starts slow preparations for a shard that will start soon. */
  warm?(shard: number): void
  /** Ends warmed shards that were not started; no more will be. */
  close?(): Promise<void>
}

export function overShards(shards: number, planned: Planning, starter: ShardStarter, signal?: AbortSignal): RunningJob {
  const events = new Subject<JobEvent>()
  const running: RunningJob[] = []
  const stopping = new AbortController()
  const cancelling = new AbortController()
  const over = new AbortController()
  let ordered: 'stop' | 'cancel' | null = null

  function add(shard: number, plan: Plan): void {
    const handle = starter.start(shard, plan, order)
    running.push(handle)
    handle.events$.subscribe((event) => {
      if (!isEnd(event)) events.next({ ...event, shard })
    })
    handle.done.then(
      ({ outcome }) => outcome === 'cancelled' && order('cancel'),
      () => order('cancel'),
    )
    if (ordered !== null) handle[ordered]().catch(() => undefined)
  }

  /** To leave a job that has no other members is to stop it. */
  function order(asked: Order): void {
    const what = asked === 'leave' ? 'stop' : asked
    if (ordered === 'cancel' || ordered === what) return
    ordered = what
    if (what === 'stop') stopping.abort()
    else cancelling.abort()
    for (const handle of running) handle[what]().catch(() => undefined)
  }

  async function run(): Promise<JobResult> {
    for (let shard = 0; shard < shards; shard++) starter.warm?.(shard)
    const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
    const plan = await planned(signals, (event) => events.next(event))
    // Asked to end before any shard has begun: there is nothing to end.
    if (plan === null || ordered !== null) return { outcome: outcomes[ordered ?? 'cancel'], checkpoint: 0 }
    for (let shard = 0; shard < shards; shard++) add(shard, plan)
    const ends = await Promise.allSettled(running.map(({ done }) => done))
    const failure = ends.find(({ status }) => status === 'rejected')
    if (failure !== undefined) throw (failure as PromiseRejectedResult).reason
    return together(ends.map((end) => (end as PromiseFulfilledResult<JobResult>).value))
  }

  async function observed(): Promise<JobResult> {
    try {
      return await toldEnd(run, (event) => events.next(event))
    } finally {
      await starter.close?.()
      over.abort()
      events.complete()
    }
  }

  if (signal !== undefined) onAbort(signal, () => order('cancel'), over.signal)
  // Deferred, so that the caller can subscribe to events$ first.
  const done = Promise.resolve().then(observed)
  const asked = (what: Order) => () => {
    order(what)
    return done
  }
  return { done, events$: events.asObservable(), stop: asked('stop'), cancel: asked('cancel') }
}

const outcomes = { stop: 'stopped', cancel: 'cancelled' } as const

function together(results: readonly JobResult[]): JobResult {
  const outcome = (['cancelled', 'stopped'] as const).find((one) => results.some(({ outcome }) => outcome === one))
  return { outcome: outcome ?? 'finished', checkpoint: Math.min(...results.map(({ checkpoint }) => checkpoint)) }
}
