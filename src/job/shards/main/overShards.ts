/**
 * One handle for a job in several shards: starts them, merges their events, ends them together.
 *
 *     shard 0   ---restored--------------------|      owns the job, so it starts first: takeOver.ts
 *     shard 1              ---restored---------|
 *     handle    ---r--------r------------------|      done: all have ended
 *
 * A shard restarts alone after a failure. A shard that gives up, or is cancelled, ends all others
 * at once: half of a job is no job.
 */
import { Subject } from 'rxjs'
import { onAbort } from '../../../clock.ts'
import { deferred } from '../../../deferred.ts'
import type { JobEvent } from '../../events.ts'
import { type JobResult, type RunningJob, toldEnd } from '../../jobHandle.ts'
import type { Order } from '../messages.ts'

export interface ShardStarter {
  /**
   * Starts one shard.
   *
   * @param ask called when its program asks to end the whole job
   */
  start(shard: number, ask: (what: Order) => void): RunningJob
  /** Starts slow preparations for a shard that will start soon. */
  warm?(shard: number): void
  /** Ends warmed shards that were not started; no more will be. */
  close?(): Promise<void>
}

export function overShards(shards: number, starter: ShardStarter, signal?: AbortSignal): RunningJob {
  const events = new Subject<JobEvent>()
  const running: RunningJob[] = []
  const owned = deferred()
  const over = new AbortController()
  let ordered: Order | null = null

  function add(shard: number): void {
    const handle = starter.start(shard, order)
    running.push(handle)
    handle.events$.subscribe((event) => {
      if (!isEnd(event)) events.next({ ...event, shard })
      if (event.type === 'restored') owned.resolve()
    })
    handle.done.then(
      ({ outcome }) => outcome === 'cancelled' && order('cancel'),
      () => order('cancel'),
    )
    if (ordered !== null) handle[ordered]().catch(() => undefined)
  }

  function order(what: Order): void {
    if (ordered === 'cancel' || ordered === what) return
    ordered = what
    for (const handle of running) handle[what]().catch(() => undefined)
  }

  async function run(): Promise<JobResult> {
    add(0)
    for (let shard = 1; shard < shards; shard++) starter.warm?.(shard)
    // Shard 0 may end before it owns the job; the others are then not started.
    await Promise.race([owned.promise, running[0]?.done])
    if (ordered === null) for (let shard = 1; shard < shards; shard++) add(shard)
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

function isEnd({ type }: JobEvent): boolean {
  return type === 'stopped' || type === 'finished' || type === 'cancelled' || type === 'failed'
}

function together(results: readonly JobResult[]): JobResult {
  const outcome = (['cancelled', 'stopped'] as const).find((one) => results.some(({ outcome }) => outcome === one))
  return { outcome: outcome ?? 'finished', checkpoint: Math.min(...results.map(({ checkpoint }) => checkpoint)) }
}
