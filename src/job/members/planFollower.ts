/**
 * Follows the plan for one member, and writes the next one where that is up to it:
 *
 *   no plan yet               genesis: this member has everything
 *   an earlier start of mine  evict it, and take its place: no timeout to wait for
 *   a later start of mine     INSTANCE_TAKEN: two processes have one name
 *   slots are to move         what a request of mine, or the mover, wants (slotMoves.ts)
 *   this member leads         the plan for those who are alive (planner.ts)
 *
 * A plan is written under the number after the one that was read, so of two writers one finds
 * PLAN_CHANGED and reads again. A store that cannot be asked holds up plans, and no shard.
 */
import type { Clock } from '../../attempt.ts'
import { abortController, sleep } from '../../clock.ts'
import type { AliveMember, Members, Membership } from '../../contracts/members.ts'
import type { Plan, PlanStore } from '../../contracts/plan.ts'
import { FencedError, RxweftError, toError } from '../../errors.ts'
import { outage } from '../../members/outage.ts'
import { fixedPlan, type Known, nextPlan, planWith, twins } from '../../members/planner.ts'

export interface PlanFollowerParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly store: Pick<PlanStore, 'read' | 'write'>
  readonly membership: Membership
  readonly me: Omit<AliveMember, 'groupMember'>
  readonly fixed: Members['fixed']
  /** Writes the first plan, unless there is one; null if this member is at its end. */
  readonly genesis: () => Promise<Plan | null>
  /** Shards that make no progress where they are, and may be moved; members that hang. */
  readonly stuck: (plan: Plan) => Pick<Known, 'stuck' | 'hanging'>
  /** The plan that this member wants for a move of slots; null: none. */
  readonly asked: (plan: Plan) => Plan | null
  /** Called with each plan that is newer than the one before. */
  readonly planned: (plan: Plan) => void
  /**
   * Called with the reason when the plan could not be read, or written, for some seconds, and with
   * null when it can.
   */
  readonly held: (reason: Error | null) => void
  /** Called once, if this member cannot go on. */
  readonly failed: (error: Error) => void
}

export interface PlanFollower {
  /** Looks again soon. `reads`: there may be a newer plan. */
  nudge(reads: boolean): void
}

/** Interval of reading the plan when nothing is heard of, ms. */
const interval = 2_000

/** Pause after a failure, ms. */
const pause = 500

export function planFollower(parts: PlanFollowerParts): PlanFollower {
  const { clock, signal, store, membership, me, fixed, planned, failed } = parts
  let newest: Plan | null = null
  /**
   * Earlier starts of this process: those that the first plan names. One that appears later is
   * another process with the same name, or a later start.
   */
  let earlier: ReadonlySet<string> = new Set()
  let news = abortController()
  /** True if the plan is to be read again. */
  let stale = true
  let readAt = -Infinity
  const trouble = outage(clock, parts.held)
  /** Shards of a fixed member that a plan has given to it. */
  const had = new Set<number>()

  const self = (): AliveMember => ({ ...me, groupMember: membership.groupMember })

  function publish(plan: Plan): Plan {
    if (newest === null) earlier = new Set(Object.keys(twins(plan, me)))
    // A deposed broker may answer with an old plan.
    if (newest !== null && newest.number >= plan.number) return newest
    newest = plan
    planned(plan)
    return plan
  }

  /** The plan that this member is to write; null if it is none. */
  function wanted(plan: Plan): Plan | null {
    const own = fixed === null ? null : fixedPlan(plan, self(), fixed)
    if (own !== null) return own
    if (Object.keys(twins(plan, me)).length > 0) return planWith(plan, self())
    const asked = parts.asked(plan)
    if (asked !== null || fixed !== null) return asked
    const { alive, leads, records } = membership
    if (alive === null || !leads) return null
    return nextPlan({ plan, alive, records, ...parts.stuck(plan) })
  }

  /**
   * Reads back what it has written: a process that may write plans, and not read them, would run
   * the first one and never hear of another.
   */
  async function first(): Promise<Plan | null> {
    return (await parts.genesis()) === null ? null : store.read()
  }

  /** The newest plan; null if this member is at its end. */
  async function current(): Promise<Plan | null> {
    if (newest !== null && !stale && clock.monotonic() - readAt < interval) return newest
    stale = false
    readAt = clock.monotonic()
    const found = (await store.read()) ?? (await first())
    return found === null ? null : publish(found)
  }

  /** Of two members that both count a shard as theirs, the earlier one ends. */
  function keepFixed({ owners, members }: Plan, { index, of }: NonNullable<Members['fixed']>): void {
    for (const [shard, owner] of owners.entries()) {
      if (shard % of !== index) continue
      if (owner === me.member) had.add(shard)
      else if (had.has(shard)) throw fixedDiffer(shard, members[owner ?? '']?.instance)
    }
  }

  async function once(): Promise<void> {
    const plan = await current()
    if (plan === null) return
    const replaced = twins(plan, me)
    if (Object.keys(replaced).some((member) => !earlier.has(member))) throw instanceTaken(me.instance)
    if (fixed !== null) keepFixed(plan, fixed)
    const next = wanted(plan)
    if (next === null) return
    const ids = Object.values(replaced).flatMap(({ groupMember }) => groupMember ?? [])
    if (signal.aborted) return
    // The plan decides; the group only hears of it, so neither waits for the other.
    const evicted = membership.evict(ids).catch(() => undefined)
    await store.write(next)
    publish(next)
    await evicted
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      news = abortController()
      const wait = await once().then(
        () => {
          trouble.ended()
          return interval
        },
        (thrown) => {
          stale = true
          if (!signal.aborted && !isChanged(thrown)) trouble.failed(thrown)
          if (!signal.aborted && isFinal(thrown)) failed(toError(thrown))
          return isChanged(thrown) ? 0 : pause
        },
      )
      await sleep(clock, wait, signal, news.signal)
    }
  }

  /** Before the first plan the job has not begun, so what is wrong is told at once. */
  function isFinal(thrown: unknown): boolean {
    if (!(thrown instanceof RxweftError)) return true
    if (thrown.code === 'INSTANCE_TAKEN' || thrown.code === 'FIXED_MEMBERS_DIFFER') return true
    return newest === null && (thrown.consequence === 'fatal' || thrown.consequence === 'corrupted')
  }

  void follow()
  return {
    nudge(reads) {
      stale ||= reads
      news.abort()
    },
  }
}

/** Another member has written a plan meanwhile. */
function isChanged(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'PLAN_CHANGED'
}

function fixedDiffer(shard: number, other = 'another process'): FencedError {
  return new FencedError('FIXED_MEMBERS_DIFFER', `"${other}" has taken a shard that this process counts as its own`, {
    where: { shard },
    hint: 'Give all processes the same `of`, and each its own `index`. While their number changes, this process ends once the new ones start; start it again with the new number',
  })
}

function instanceTaken(instance: string): FencedError {
  return new FencedError(
    'INSTANCE_TAKEN',
    `another process with the instance "${instance}" has taken the place of this one`,
    {
      hint: 'Give each process an instance name of its own, such as its host name. If this process was frozen and has been replaced, do nothing',
    },
  )
}
