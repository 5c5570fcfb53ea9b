/** What must hold of a job in several processes, beside what must hold of any: who owns what under which plan, and for how long nobody does. */
import type { World } from '../world.ts'
import type { Crew } from './crew.ts'
import type { MembersConfig } from './membersConfig.ts'
import type { SteadyFeed } from './steadyFeed.ts'

export function membersProblems(
  { decisions, plans }: World,
  config: Pick<MembersConfig, 'shardCount'>,
): readonly string[] {
  const problems: string[] = []
  for (let shard = 0; shard < config.shardCount; shard++) {
    const its = decisions.filter((one) => one.shard === shard)
    const owners = new Map<number, string>()
    let highest = 0
    for (const { entry } of its) {
      const { plan = 0, owner, released } = entry
      if (plan < highest) problems.push(`shard ${shard}: signed under plan ${plan} after ${highest}`)
      highest = Math.max(highest, plan)
      if (released !== undefined) continue
      const before = owners.get(plan)
      if (before !== undefined && before !== owner)
        problems.push(
          `shard ${shard}: ${before.slice(0, 8)} and ${owner.slice(0, 8)} have both owned it under plan ${plan}`,
        )
      owners.set(plan, owner)
    }
    for (const [at, { entry }] of its.entries()) {
      const next = its[at + 1]?.entry
      const before = its[at - 1]?.entry.owner
      if (entry.released !== undefined && entry.owner !== before)
        problems.push(`shard ${shard}: ${entry.owner.slice(0, 8)} has released it, and ${before?.slice(0, 8)} owned it`)
      const isMove = plans.some(({ plan, entries }) => plan.number === next?.plan && entries.includes(shard))
      if (entry.released !== undefined && next !== undefined && next.checkpoint !== entry.checkpoint && !isMove)
        problems.push(`shard ${shard}: its owner went on after it had released checkpoint ${entry.checkpoint}`)
    }
  }
  return problems
}

/** Plans that follow one another so closely are two members that undo each other's. */
const [storm, within] = [30, 2_000]

/** Whether plans are written without end. */
export function isStorm({ plans }: Pick<World, 'plans'>): boolean {
  const [first, last] = [plans.at(-storm), plans.at(-1)]
  return first !== undefined && last !== undefined && last.at - first.at < within
}

/**
 * While somebody fit is there, no shard is without a commit for longer than it takes to miss its owner and to take over. A leaving
 * process that dies half way is missed as any other. A shard that hangs is missed, too, but only later: its process is alive. A process
 * that dies, or freezes, while the group misses another one holds up the round by as long as it takes to miss it. A shard that hangs is
 * moved once: where each process has a thread that hangs, it may hang there, too, until a probe restarts one.
 */
export function silences(
  { decisions }: World,
  config: MembersConfig,
  { unfit, unwell, nodes }: Crew,
  { rests }: SteadyFeed,
): readonly string[] {
  for (let shard = 0; shard < config.shardCount; shard++) {
    // What has failed is not run until its process is restarted.
    if (nodes.some(({ failed }) => failed.has(shard))) continue
    const hangs = nodes.some(({ hung }) => hung.has(shard))
    const excused = [...(hangs ? unwell : unfit), ...rests].sort(([a], [b]) => a - b)
    const longest = config.sessionTimeout + 5_000 + (hangs ? stuckAfter(config) + heardLate : 0)
    const times = decisions.filter((one) => one.shard === shard).map(({ at }) => at)
    for (const [at, time] of times.entries()) {
      const silent = longestFit(time, times[at + 1] ?? time, excused)
      const missed = losses(nodes, time, times[at + 1] ?? time)
      if (silent > longest + Math.max(0, missed - 1) * config.sessionTimeout)
        return [`shard ${shard} has committed nothing for ${silent} ms`]
    }
  }
  return []
}

/** How many processes the group has had to miss meanwhile. */
function losses(nodes: Crew['nodes'], from: number, to: number): number {
  return nodes.filter(({ endedAt = Infinity, disturbed }) =>
    [endedAt, ...disturbed.map(([since]) => since)].some((at) => at >= from - 1_000 && at <= to),
  ).length
}

/** How long it may take until a member says of itself that a shard is overdue, and until its heir is ready, ms. */
const heardLate = 10_000

const stuckAfter = ({ interval, timeout }: MembersConfig): number => 3 * interval + timeout

/** The longest part of a silence, ms, in which somebody could have ended it. */
function longestFit(from: number, to: number, unfit: Crew['unfit']): number {
  const inside = unfit.filter((one) => one[0] < to && one[1] > from)
  const starts = [from, ...inside.map(([, end]) => end)]
  const ends = [...inside.map(([start]) => start), to]
  return Math.max(...starts.map((start, at) => (ends[at] ?? to) - start))
}
