/**
 * Finds shards that commit nothing although their members are alive: a thread that loops for ever
 * is noticed by nobody else, since its own timers do not run and heartbeats come from the main
 * thread. A shard that says it is idle commits only each minute, since nothing has passed; what
 * counts then is the time since it said so.
 *
 * What counts is what a living member says: only a record that was heard when the shard was overdue
 * makes it stuck, as the last record of a dead member says for ever that its shards run. A member
 * whose thread hangs cannot open a shard either, so one that warms for too long while nobody runs
 * it is stuck as well. A member that says it runs a shard, and hangs, does not run it.
 */
import { longestPause } from '../../checkpoint/coordinator.ts'
import type { HeardRecord, ShardReport } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'

export interface StuckShard {
  readonly shard: number
  readonly member: string
  /** Time since its last sign of progress, ms. */
  readonly duration: number
  /** Whether it is to be moved: it was not moved since it last committed. */
  readonly moves: boolean
}

/** A shard on a member, as that one has reported it since a time, ms. */
interface Seen {
  readonly report: ShardReport
  readonly since: number
  readonly heard: number
}

/** Where a shard was moved from, its last checkpoint then, and whether a plan has followed. */
interface Moved {
  readonly from: string
  readonly checkpoint: number
  hasLeft: boolean
}

export interface StuckShards {
  /** Takes what members say now. */
  hear(records: Records, now: number): void
  /** Whether the member says that it runs the shard, and commits nothing. */
  hangs(member: string, shard: number): boolean
  /** Members that hang with any shard. */
  hanging(): ReadonlySet<string>
  /** Shards that are stuck, by what was heard last. */
  look(plan: Plan): readonly StuckShard[]
  /** Returns the ones that have become stuck since the last call of `news`. */
  news(stuck: readonly StuckShard[]): readonly StuckShard[]
}

type Records = ReadonlyMap<string, Pick<HeardRecord, 'heard' | 'shards'>>

/** @param limit silence after which a shard is stuck, ms */
export function stuckShards(limit: number): StuckShards {
  let seen = new Map<string, ReadonlyMap<number, Seen>>()
  const moved = new Map<number, Moved>()
  /** Since when the shard was stuck that was told of last. */
  const told = new Map<number, number>()

  function hear(records: Records, now: number): void {
    const next = new Map<string, Map<number, Seen>>()
    for (const [member, { heard, shards }] of records) {
      const its = new Map<number, Seen>()
      for (const [text, report] of Object.entries(shards)) {
        const before = seen.get(member)?.get(Number(text))
        const since = before !== undefined && isSame(before.report, report) ? before.since : now
        its.set(Number(text), { report, since, heard })
      }
      next.set(member, its)
    }
    seen = next
  }

  const of = (member: string, shard: number): Seen | undefined => seen.get(member)?.get(shard)

  function isOverdue({ report, since, heard }: Seen): boolean {
    return heard - since >= limit + (report.idle ? longestPause : 0)
  }

  function hangs(member: string, shard: number): boolean {
    const its = of(member, shard)
    return its !== undefined && runs(its.report) && isOverdue(its)
  }

  /** Whether any member of the plan makes progress with it. */
  function isRun({ members }: Plan, shard: number): boolean {
    return Object.keys(members).some((member) => {
      const its = of(member, shard)
      return its !== undefined && runs(its.report) && !isOverdue(its)
    })
  }

  function moves(member: string, shard: number, checkpoint: number): boolean {
    const last = moved.get(shard)
    const isUnderWay = last?.from === member && !last.hasLeft
    if (last !== undefined && !isUnderWay && last.checkpoint >= checkpoint) return false
    moved.set(shard, { from: member, checkpoint, hasLeft: false })
    return true
  }

  function look(plan: Plan): readonly StuckShard[] {
    for (const [shard, last] of moved) last.hasLeft ||= plan.owners[shard] !== last.from
    return plan.owners.flatMap((member, shard) => {
      const its = member === null ? undefined : of(member, shard)
      if (member === null || its === undefined || !isOverdue(its)) return []
      if (!runs(its.report) && (its.report.doing !== 'warming' || isRun(plan, shard))) return []
      const checkpoint = Math.max(...[...seen.values()].map((some) => some.get(shard)?.report.checkpoint ?? 0))
      const duration = Math.round(its.heard - its.since)
      return [{ shard, member, duration, moves: moves(member, shard, checkpoint) }]
    })
  }

  return {
    hear,
    hangs,
    hanging: () =>
      new Set(
        [...seen].flatMap(([member, its]) => ([...its.keys()].some((shard) => hangs(member, shard)) ? [member] : [])),
      ),
    look,
    news: (stuck) =>
      stuck.filter(({ shard, member }) => {
        const { since } = of(member, shard) as Seen
        const isNew = told.get(shard) !== since
        told.set(shard, since)
        return isNew
      }),
  }
}

/**
 * Its thread says that it becomes idle, or busy: that, too, is a sign of life. An order to let the
 * shard go is none, since the main thread gives it.
 */
function isSame(one: ShardReport, other: ShardReport): boolean {
  const isDoingSame = one.doing === other.doing || (runs(one) && runs(other))
  return isDoingSame && one.checkpoint === other.checkpoint && one.idle === other.idle
}

function runs({ doing }: ShardReport): boolean {
  return doing === 'running' || doing === 'releasing'
}
