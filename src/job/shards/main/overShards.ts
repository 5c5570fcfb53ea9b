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
 *
 * For another number of shards, those that give or get slots stop, the plan is written anew, and as
 * many start as it says:
 *
 *     shard 0        ---|      ------------------
 *     plan               -----x                        moves slots, with the state of their keys
 *     shard 1                  ------------------
 */
import { Subject } from 'rxjs'
import { onAbort } from '../../../clock.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { movedSlots, shardsConcerned } from '../../../contracts/slotMoves.ts'
import { deferred } from '../../../deferred.ts'
import { type RxweftError, toRxweftError } from '../../../errors.ts'
import { isEnd, type JobEvent } from '../../events.ts'
import { type JobHandle, type JobResult, jobNotRunning, type RunningJob, toldEnd, unexpected } from '../../jobHandle.ts'
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

/** Writes the plan for so many shards; moves slots if the job has another number. */
export type PlanFor = (shards: number) => Planning

/** A job in several shards, whose number can change while it runs. */
export interface SpreadJob extends RunningJob {
  readonly rescale: JobHandle['rescale']
}

export function overShards(shards: number, planFor: PlanFor, starter: ShardStarter, signal?: AbortSignal): SpreadJob {
  const events = new Subject<JobEvent>()
  /** The current run of each shard. */
  const running = new Map<number, RunningJob>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  const over = new AbortController()
  const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
  const tell = (event: JobEvent): void => events.next(event)
  const end = deferred<JobResult>()
  let ordered: 'stop' | 'cancel' | null = null
  let plan: Plan | null = null
  /** True while slots move: shards that have ended will start again. */
  let moving = false
  let moves: Promise<unknown> = Promise.resolve()

  function add(shard: number, of: Plan): void {
    const handle = starter.start(shard, of, order)
    running.set(shard, handle)
    handle.events$.subscribe((event) => {
      if (!isEnd(event)) events.next({ ...event, shard })
    })
    handle.done.then(
      ({ outcome }) => outcome === 'cancelled' && order('cancel'),
      () => order('cancel'),
    )
    handle.done.then(checkEnd, checkEnd)
    if (ordered !== null) handle[ordered]().catch(() => undefined)
  }

  /** Ends the job once all shards have ended. */
  function checkEnd(): void {
    const handles = [...running.values()]
    Promise.allSettled(handles.map(({ done }) => done)).then((ends) => {
      const isCurrent = handles.length === running.size && handles.every((one) => [...running.values()].includes(one))
      if (moving || !isCurrent) return
      const failure = ends.find(({ status }) => status === 'rejected')
      if (failure !== undefined) end.reject((failure as PromiseRejectedResult).reason)
      else end.resolve(together(ends.map((one) => (one as PromiseFulfilledResult<JobResult>).value)))
    })
  }

  /** To leave a job that has no other members is to stop it. */
  function order(asked: Order): void {
    const what = asked === 'leave' ? 'stop' : asked
    if (ordered === 'cancel' || ordered === what) return
    ordered = what
    if (what === 'stop') stopping.abort()
    else cancelling.abort()
    for (const handle of running.values()) handle[what]().catch(() => undefined)
  }

  async function run(): Promise<JobResult> {
    for (let shard = 0; shard < shards; shard++) starter.warm?.(shard)
    plan = await planFor(shards)(signals, tell)
    // Asked to end before any shard has begun: there is nothing to end.
    if (plan === null || ordered !== null) return { outcome: outcomes[ordered ?? 'cancel'], checkpoint: 0 }
    for (let shard = 0; shard < shards; shard++) add(shard, plan)
    return end.promise
  }

  /** Only shards that give or get slots stop and start. Rejects with what refuses the move. */
  async function moveTo(wanted: number): Promise<void> {
    const before = plan
    if (before === null || ordered !== null) throw jobNotRunning()
    if (before.owners.length === wanted) return
    const concerned = shardsConcerned(before.slots, movedSlots(before.slots, wanted))
    for (const shard of concerned) if (shard < wanted) starter.warm?.(shard)
    moving = true
    try {
      const stopped = concerned.flatMap((shard) => running.get(shard)?.stop() ?? [])
      const ends = await Promise.all(stopped)
      if (ordered !== null || ends.every(({ outcome }) => outcome === 'finished')) throw jobNotRunning()
      for (const shard of concerned) running.delete(shard)
      const refused = await replan(wanted)
      const now = plan as Plan
      for (const shard of concerned) if (shard < now.owners.length) add(shard, now)
      if (refused !== null) throw refused
      tell({ type: 'plan', plan: now.number, shards: now.owners.map((_, shard) => shard), members: 1 })
    } finally {
      moving = false
      checkEnd()
    }
  }

  /** Resolves with what refuses the move; then the plan is as it was. */
  async function replan(wanted: number): Promise<RxweftError | null> {
    try {
      plan = (await planFor(wanted)(signals, tell)) ?? plan
      return null
    } catch (thrown) {
      const error = toRxweftError(thrown, unexpected)
      if (error.consequence === 'fatal') return error
      // Of a job that somebody else has, or that is damaged, nothing may start again.
      order('cancel')
      end.reject(error)
      throw error
    }
  }

  async function observed(): Promise<JobResult> {
    try {
      return await toldEnd(run, tell)
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
  return {
    ...{ done, events$: events.asObservable(), stop: asked('stop'), cancel: asked('cancel') },
    rescale(wanted) {
      const move = moves.then(() => moveTo(wanted))
      moves = move.catch(() => undefined)
      return move
    },
  }
}

const outcomes = { stop: 'stopped', cancel: 'cancelled' } as const

function together(results: readonly JobResult[]): JobResult {
  const outcome = (['cancelled', 'stopped'] as const).find((one) => results.some(({ outcome }) => outcome === one))
  return { outcome: outcome ?? 'finished', checkpoint: Math.min(...results.map(({ checkpoint }) => checkpoint)) }
}
