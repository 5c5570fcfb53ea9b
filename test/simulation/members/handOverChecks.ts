/** What must hold of moves in fair weather, between processes that nothing has happened to: nobody is fenced, and nobody waits for long. */
import type { Decision, World } from '../world.ts'
import type { Crew } from './crew.ts'
import type { MemberNode } from './memberNode.ts'

/** How long before a move its two processes must have been well, ms. */
const before = 10_000

/** Longest pause of a planned hand-over, ms. */
const longest = 1_000

/** Longest time that leaving takes, ms: less than the 60 s that containers get. */
const longestLeave = 55_000

/** How long after it is ready a process waits for the shard; it may fence the owner then, ms. Somewhat less than the keeper's patience. */
const waits = 29_000

export function handOverProblems(world: World, crew: Crew): readonly string[] {
  const { decisions, plans } = world
  const planned = new Map(plans.map(({ plan }) => [plan.number, plan]))
  const nodes = new Map(crew.nodes.map((node) => [node.member, node]))
  const shards = new Set(decisions.map(({ shard }) => shard))

  function inShard(its: readonly Decision[], shard: number): readonly string[] {
    return its.flatMap(({ entry, at }, index) => {
      const next = its[index + 1]
      const owner = nodes.get(entry.owner)
      if (owner === undefined || next === undefined) return []
      const { plan = 0, owner: heir } = next.entry
      const plannedWith = planned.get(plan)
      const target = nodes.get(entry.released === undefined ? heir : (planned.get(entry.released)?.owners[shard] ?? ''))
      if (target === undefined || target === owner) return []
      if (entry.released !== undefined) {
        const ready = target.told.some(
          (one) => one.at <= at && one.event.type === 'shard-ready' && of(one.event, shard),
        )
        if (!ready && !owner.leaving) return [`shard ${shard}: released before ${target.name} was ready for it`]
        const waited = next.at - at
        if (waited <= longest || !isWell(target, at, at + longest) || plannedAgain(world, at, at + longest)) return []
        if (target.slowed.some(([since, until]) => since < at + longest && until > at)) return []
        return [`shard ${shard}: ${target.name} has taken it over ${waited} ms after it was released`]
      }
      const fenced = isWell(owner, next.at, next.at) && isWell(target, next.at, next.at)
      if (!fenced || plannedWith === undefined || !(owner.member in plannedWith.members)) return []
      const ready = target.told.findLast((one) => one.event.type === 'shard-ready' && of(one.event, shard))
      if (ready === undefined || ready.at < next.at - waits) return []
      return [`shard ${shard}: ${target.name} has taken it from ${owner.name}, which is well and has not released it`]
    })
  }

  return [...shards].flatMap((shard) =>
    inShard(
      decisions.filter((one) => one.shard === shard),
      shard,
    ),
  )
}

/** How long it may take until others hear what a member says, ms. */
const unheard = 500

/** A process that is asked to leave ends, whatever its shards do, unless somebody kills or freezes it meanwhile. */
export function leaveProblems({ nodes }: Crew, now: number): readonly string[] {
  return nodes.flatMap(({ name, askedToLeaveAt, endedAt = now }) =>
    askedToLeaveAt === undefined || endedAt - askedToLeaveAt <= longestLeave
      ? []
      : [`${name} was asked to leave ${endedAt - askedToLeaveAt} ms before its end`],
  )
}

/** A member that is well is never said to be stuck; one whose disk is slow may be. */
export function stuckProblems({ nodes }: Crew): readonly string[] {
  return nodes.flatMap(({ name, told }) =>
    told.flatMap(({ at, event }) => {
      if (event.type !== 'shard-stuck') return []
      const member = nodes.find((one) => one.member === event.member)
      if (member === undefined || !isWell(member, at, at)) return []
      if (member.slowed.some(([since, until]) => since <= at && until > at - before)) return []
      return [`${name} says that a shard is stuck at ${member.name}, which is well`]
    }),
  )
}

/**
 * A shard that has failed for good is run nowhere else as long as its process lives, unless it was given away before those who plan had
 * heard of it.
 */
export function failureProblems(world: World, { nodes, unfit }: Crew): readonly string[] {
  const { decisions } = world
  return nodes.flatMap(({ name, member, told, disturbed }) =>
    told.flatMap(({ at, event }) => {
      if (event.type !== 'shard-failed' || event.member !== member) return []
      const shard = 'shard' in event ? event.shard : undefined
      const over = Math.min(...[...disturbed, ...unfit].map(([since]) => since).filter((since) => since > at))
      // Whatever was on its way is still decided.
      if (plannedAgain(world, at, at + unheard)) return []
      // It may have hung there, and long been taken over.
      const last = decisions.findLast((one) => one.shard === shard && one.at <= at)
      if (last?.entry.owner !== member) return []
      const others = decisions.filter((one) => one.shard === shard && one.at > at + 1_000 && one.at < over)
      return others.length === 0 ? [] : [`shard ${shard} has failed at ${name}, and is run elsewhere`]
    }),
  )
}

/** Nothing has happened to it for a while before, and nothing happens until then. */
function isWell({ disturbed }: MemberNode, from: number, to: number): boolean {
  return disturbed.every(([since, until]) => until < from - before || since > to)
}

function plannedAgain({ plans }: World, from: number, to: number): boolean {
  return plans.some(({ at }) => at >= from && at <= to)
}

function of(event: object, shard: number): boolean {
  return 'shard' in event && event.shard === shard
}
