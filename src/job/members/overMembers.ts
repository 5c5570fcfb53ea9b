/**
 * A job in several processes, seen from one of them: it joins the others, follows the plan, and
 * runs the shards that the plan gives to it.
 *
 *   leave    its shards are handed over; whatever is left after a while is released without an
 *            heir, and cancelled if even that does not end
 *   stop     the whole job stops: the others hear of it
 *   cancel   this process ends at once; the others take its shards over
 */
import { type Observable, ReplaySubject, Subject } from 'rxjs'
import type { Clock } from '../../attempt.ts'
import { abortController, onAbort, sleep } from '../../clock.ts'
import type { Members, Membership, SaidRecord } from '../../contracts/members.ts'
import type { Plan, PlanStore } from '../../contracts/plan.ts'
import { movedSlots } from '../../contracts/slotMoves.ts'
import { deferred } from '../../deferred.ts'
import type { RxweftError } from '../../errors.ts'
import type { Known } from '../../members/planner.ts'
import type { JobEvent } from '../events.ts'
import { type JobHandle, type JobResult, type RunningJob, toldEnd } from '../jobHandle.ts'
import type { MoveSlots } from '../rescale/memberMove.ts'
import { givenOrders, type Order } from './givenOrders.ts'
import { isFatal, isTopicMissing } from './groupFailures.ts'
import { type JobMembers, jobMembers } from './jobMembers.ts'
import { type KeptShards, keptShards } from './keptShards.ts'
import { memberChanges } from './memberChanges.ts'
import { moveRequests } from './moveRequests.ts'
import { otherMembers } from './otherMembers.ts'
import { type PlanFollower, planFollower } from './planFollower.ts'
import { planMover } from './planMover.ts'
import { shardEnds } from './shardEnds.ts'
import type { StartShard } from './shardRun.ts'
import { stuckShards } from './stuckShards.ts'

export interface OverMembersParts {
  readonly job: string
  readonly prefix: string
  /** Random id of this start of the process. */
  readonly me: string
  readonly members: Members
  readonly threads: number
  readonly clock: Clock
  readonly openStore: (signal: AbortSignal, tell: (event: JobEvent) => void) => Promise<PlanStore>
  /** Writes the first plan of the job, unless there is one; null once the signal is aborted. */
  readonly genesis: (
    signal: AbortSignal,
    tell: (event: JobEvent) => void,
    groupMember: () => string | null,
  ) => Promise<Plan | null>
  readonly start: StartShard
  /** Time since the last sign of life of each shard's thread, ms. */
  readonly silences: () => ReadonlyMap<number, number>
  /** Ends what `start` has started. */
  readonly close: () => Promise<void>
  readonly move: MoveSlots
  readonly onShardFailure: 'keep' | 'end'
  /** Time without a commit after which a shard counts as stuck, ms. */
  readonly stuckAfter: number
  readonly signal?: AbortSignal | undefined
}

export interface RunningMember extends RunningJob {
  /** Hands all shards over, and ends. */
  leave(): Promise<JobResult>
  readonly members$: Observable<JobMembers>
  readonly rescale: JobHandle['rescale']
}

/** Interval of looking when nothing is heard of, ms. */
const interval = 200

/** How long an ended process stays for the others to hear why, ms. */
const longestLinger = 3_000

const outcomes = { leave: 'left', stop: 'stopped', cancel: 'cancelled' } as const

export function overMembers(parts: OverMembersParts): RunningMember {
  const { clock, me } = parts
  const events = new Subject<JobEvent>()
  const view = new ReplaySubject<JobMembers>(1)
  /** Aborted at the end of the job here, and when everything is closed. */
  const [ended, over] = [abortController(), abortController()]
  const end = deferred<JobResult>()
  end.promise.then(ended.abort.bind(ended), ended.abort.bind(ended))
  const watch = stuckShards(parts.stuckAfter)
  const ends = shardEnds(me)
  const others = otherMembers(me)
  let plan: Plan | null = null
  let woken = abortController()
  let follower: PlanFollower | null = null
  const requests = moveRequests(() => follower?.nudge(true))
  /** True if the job ends in all processes. */
  let endsAll = false
  /** True if `members$` is to emit. */
  let news = false

  const tell = (event: JobEvent): void => events.next(event)
  const wake = (): void => woken.abort()
  const orders = givenOrders(clock, wake)

  /** Shards that make no progress where they are, and are to be moved; members that hang. */
  function stuck(current: Plan, { records }: Membership): Pick<Known, 'stuck' | 'hanging'> {
    watch.hear(records, clock.monotonic())
    const found = watch.look(current)
    for (const { moves: moved, ...one } of watch.news(found)) tell({ type: 'shard-stuck', ...one, moved })
    return { stuck: new Set(found.filter(({ moves }) => moves).map(({ shard }) => shard)), hanging: watch.hanging() }
  }

  function said(shards: KeptShards): SaidRecord {
    return { state: orders.state, plan: plan?.number ?? 0, shards: shards.reports() }
  }

  /** Whether the others stop as well: they could not hear it from one that is gone. */
  function isKnown(current: Plan, membership: Membership): boolean {
    return others.allStop(membership, current, clock.monotonic()) || orders.isOverdue()
  }

  /** What has stopped without a final checkpoint; undefined if nothing has. */
  function unfinished({ states }: KeptShards): RxweftError | undefined {
    const shard = states.findIndex(({ error }) => error?.code === 'SHARD_HANGS')
    return states[shard]?.error?.at({ shard })
  }

  /** Ends the job where nothing is left to do. */
  function checkEnd(current: Plan, shards: KeptShards, membership: Membership): void {
    const { states, quiet } = shards
    const committed = states.filter(({ checkpoint }) => checkpoint > 0).map((one) => one.checkpoint)
    const checkpoint = committed.length === 0 ? 0 : Math.min(...committed)
    const result = (outcome: JobResult['outcome']): void => end.resolve({ outcome, checkpoint })
    if (orders.given === 'cancel' && quiet) return result('cancelled')
    if (orders.given === 'stop' && quiet && isKnown(current, membership)) {
      const error = unfinished(shards)
      return error === undefined ? result('stopped') : end.reject(error)
    }
    if (orders.given === 'leave' && quiet) return result('left')
    const { count, failure } = ends.look(states, current, membership.records)
    const isOver = count === current.owners.length
    if (failure === undefined ? !isOver || !quiet : !isOver && parts.onShardFailure !== 'end') return
    endsAll = true
    if (failure === undefined) result('finished')
    else end.reject(failure)
  }

  /**
   * The others end for the same reason, and must have heard it: what is said last is gone with the
   * record of this member.
   */
  async function linger(membership: Membership | null): Promise<void> {
    const until = clock.monotonic() + longestLinger
    const hear = () => (membership?.alive ?? []).some(({ member }) => member !== me)
    while (endsAll && hear() && clock.monotonic() < until) await sleep(clock, interval)
  }

  async function live(): Promise<JobResult> {
    const storing = parts.openStore(over.signal, tell)
    // It is awaited below.
    storing.catch(() => undefined)
    let membership: Membership | null = null
    let shards: KeptShards | null = null
    try {
      membership = await parts.members.open({
        ...{ clock, signal: over.signal, job: parts.job, prefix: parts.prefix, member: me, threads: parts.threads },
        changed(what) {
          follower?.nudge(what === 'plan')
          news = true
          wake()
        },
        lost(reason) {
          // A member goes on without the group; one that may never join would wait for ever.
          if (reason !== null && membership?.alive == null && isFatal(reason)) return end.reject(reason)
          if (reason !== null) tell({ type: 'group-lost', error: reason })
        },
        unheard(reason) {
          // As with the group: the others would wait for ever for one that was never heard.
          if (reason !== null && membership?.records.has(me) === false && isFatal(reason) && !isTopicMissing(reason))
            return end.reject(reason)
          if (reason !== null) tell({ type: 'member-unheard', error: reason })
        },
      })
      const joined = membership
      const store = await storing
      const { instance, zone, fixed } = parts.members
      shards = keptShards({
        clock,
        signal: ended.signal,
        me,
        membership,
        store,
        start: parts.start,
        silences: parts.silences,
        hangs: watch.hangs,
        tell,
        changed: wake,
      })
      const changes = memberChanges(me, tell)
      const mover = planMover({
        ...{ clock, signal: ended.signal, store, membership, fixed, tell, watch, move: parts.move },
        changed: () => follower?.nudge(true),
      })
      follower = planFollower({
        ...{ clock, signal: ended.signal, store, membership, fixed, failed: end.reject },
        me: { member: me, instance, zone, threads: parts.threads },
        genesis: () => parts.genesis(ended.signal, tell, () => joined.groupMember),
        stuck: (current) => stuck(current, joined),
        asked: (current) => mover.next(current) ?? requests.next(current),
        held: (reason) => reason !== null && tell({ type: 'plan-lost', error: reason }),
        planned(next) {
          plan = next
          news = true
          const own = next.owners.flatMap((owner, shard) => (owner === me ? [shard] : []))
          requests.seen(next)
          tell({ type: 'plan', plan: next.number, shards: own, members: Object.keys(next.members).length })
          wake()
        },
      })
      while (!ended.signal.aborted) {
        woken = abortController()
        changes.look(joined)
        if (others.stop(joined)) orders.give('stop')
        watch.hear(joined.records, clock.monotonic())
        const { given } = orders
        if (given === 'stop' || given === 'cancel') shards.end(given)
        if (orders.isStranded()) shards.end('cancel')
        if (plan !== null) {
          shards.look(plan, orders.evacuates(others.hasHeirs(joined)))
          mover.look(plan)
          checkEnd(plan, shards, joined)
        } else if (given !== null) end.resolve({ outcome: outcomes[given], checkpoint: 0 })
        joined.say(said(shards))
        if (news) view.next(jobMembers(plan, joined))
        news = false
        await sleep(clock, interval, ended.signal, woken.signal)
      }
      return await end.promise
    } finally {
      ended.abort()
      requests.end()
      shards?.end('cancel')
      await parts.close()
      await linger(membership)
      await membership?.leave()
      over.abort()
      await membership?.close()
      const store = await storing.catch(() => null)
      await store?.close()
    }
  }

  async function observed(): Promise<JobResult> {
    try {
      return await toldEnd(live, tell)
    } finally {
      over.abort()
      view.complete()
      events.complete()
    }
  }

  if (parts.signal !== undefined) onAbort(parts.signal, () => orders.give('cancel'), over.signal)
  const done = Promise.resolve().then(observed)
  const asked = (what: Order) => () => {
    orders.give(what)
    return done
  }
  return {
    done,
    events$: events.asObservable(),
    members$: view.asObservable(),
    stop: asked('stop'),
    cancel: asked('cancel'),
    leave: asked('leave'),
    rescale: (shards) => requests.ask(({ slots }) => ({ shards, slots: movedSlots(slots, shards) })),
  }
}
