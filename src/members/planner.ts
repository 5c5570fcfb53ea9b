/**
 * Makes the next plan from the current one and from what is known of the members: pure functions.
 * Each plan has the next number of the plan before it, whatever round the group is in.
 */
import type { AliveMember, MemberRecord } from '../contracts/members.ts'
import type { Plan, PlanMember } from '../contracts/plan.ts'
import { place } from './placement.ts'

export interface Known {
  readonly plan: Plan
  readonly alive: readonly AliveMember[]
  readonly records: ReadonlyMap<string, Pick<MemberRecord, 'state' | 'shards'>>
  /** Shards that make no progress where they are. */
  readonly stuck: ReadonlySet<number>
  /** Members in which a thread hangs. */
  readonly hanging: ReadonlySet<string>
}

/** How many shards may be on their way to one member. */
const moves = 2

/** The plan for those that are alive; null if the current one will do. */
export function nextPlan({ plan, alive, records, stuck, hanging }: Known): Plan | null {
  const members = onePerInstance(plan, alive)
  const doing = (shard: number, owner: string | null) =>
    owner === null ? undefined : records.get(owner)?.shards[shard]?.doing
  const which = (is: (shard: number) => boolean) =>
    new Set(plan.owners.flatMap((_, shard) => (is(shard) ? [shard] : [])))
  const hasEnded = (shard: number) => ['failed', 'finished'].includes(doing(shard, plan.owners[shard] ?? null) ?? '')
  const owners = place({
    owners: plan.owners,
    closed: closedShards(plan),
    members: members.map(({ member, threads }) => {
      const stays = (records.get(member)?.state ?? 'running') === 'running'
      return { member, threads: Math.max(1, threads), stays, hangs: hanging.has(member) }
    }),
    underWay: which((shard) => doing(shard, plan.owners[shard] ?? null) !== 'running' && !hasEnded(shard)),
    ended: which(hasEnded),
    stuck,
    moves,
  })
  return changed(plan, owners, members)
}

/** The plan with this member in the place of all earlier starts of its process. */
export function planWith(plan: Plan, me: AliveMember): Plan {
  const mine = (owner: string | null): boolean => owner !== null && plan.members[owner]?.instance === me.instance
  const replaced = (all: Plan['owners']): Plan['owners'] => all.map((owner) => (mine(owner) ? me.member : owner))
  const others = Object.entries(plan.members).filter(([, { instance }]) => instance !== me.instance)
  const members = { ...Object.fromEntries(others), ...entry(me) }
  const { moving } = plan
  const move = moving && { moving: { ...moving, owners: replaced(moving.owners) } }
  return { ...plan, number: plan.number + 1, owners: replaced(plan.owners), members, ...move }
}

/** Shards that nobody may run, since their slots are on the move. */
export function closedShards({ owners, moving }: Pick<Plan, 'owners' | 'moving'>): ReadonlySet<number> {
  if (moving === undefined) return new Set()
  return new Set(owners.flatMap((owner, shard) => (owner === null ? [shard] : [])))
}

/** The plan in which process `index` of a fixed number runs its own shards; null if it does. */
export function fixedPlan(plan: Plan, me: AliveMember, { index, of }: { index: number; of: number }): Plan | null {
  const next = planWith(plan, me)
  const closed = closedShards(plan)
  const owners = next.owners.map((owner, shard) => (shard % of === index && !closed.has(shard) ? me.member : owner))
  const same = me.member in plan.members && owners.every((owner, shard) => owner === plan.owners[shard])
  return same ? null : { ...next, owners }
}

/** Members of the plan that are other starts of this member's process. */
export function twins(plan: Plan, me: Pick<AliveMember, 'member' | 'instance'>): Readonly<Record<string, PlanMember>> {
  const others = Object.entries(plan.members).filter(([member]) => member !== me.member)
  return Object.fromEntries(others.filter(([, { instance }]) => instance === me.instance))
}

/**
 * One member for each instance of which any start is alive: the one in the plan, since a newcomer
 * introduces itself, and the round may be older than that plan. Then it names a dead predecessor,
 * and not yet the one that has just taken its place. Sorted, so that everybody decides the same.
 */
function onePerInstance(plan: Plan, alive: readonly AliveMember[]): readonly AliveMember[] {
  const sorted = [...alive].sort(byMember)
  const planned = new Map(Object.entries(plan.members).map(([member, { instance }]) => [instance, member]))
  const members = new Map<string, AliveMember>()
  for (const one of sorted) {
    const member = planned.get(one.instance)
    if (member === undefined || member === one.member) members.set(one.instance, one)
    else if (!members.has(one.instance))
      members.set(one.instance, { ...one, member, groupMember: plan.members[member]?.groupMember ?? null })
  }
  return [...members.values()].sort(byMember)
}

const byMember = (a: AliveMember, b: AliveMember): number => (a.member < b.member ? -1 : 1)

function changed(plan: Plan, owners: readonly (string | null)[], alive: readonly AliveMember[]): Plan | null {
  const kept = Object.entries(plan.members).filter(([member]) => owners.includes(member))
  const members = Object.assign(Object.fromEntries(kept), ...alive.map(entry))
  const sameOwners = owners.every((owner, shard) => owner === plan.owners[shard])
  if (sameOwners && sameMembers(plan.members, members)) return null
  return { ...plan, number: plan.number + 1, owners, members }
}

function entry({ member, instance, zone, groupMember }: AliveMember): Readonly<Record<string, PlanMember>> {
  return { [member]: { instance, groupMember, ...(zone === null ? {} : { zone }) } }
}

function sameMembers(before: Plan['members'], after: Plan['members']): boolean {
  const names = Object.keys(before)
  return (
    names.length === Object.keys(after).length &&
    names.every((name) => name in after && before[name]?.groupMember === after[name]?.groupMember)
  )
}
