/**
 * Finds shards that commit nothing although their members are alive: a thread that loops for ever
 * is noticed by nobody else, since its own timers do not run and heartbeats come from the main
 * thread. A shard that says it is idle commits only each minute, since nothing has passed.
 *
 * What counts is what a living member says: only a record that was heard when the shard was overdue
 * makes it stuck, as the last record of a dead member says for ever that its shards run. A member
 * whose thread hangs cannot open a shard either, so one that warms for too long while nobody runs
 * it is stuck as well.
 */
import { longestPause } from '../../checkpoint/coordinator.ts'
import type { HeardRecord } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'

export interface StuckShard {
  readonly shard: number
  readonly member: string
  /** Time since its last checkpoint, ms. */
  readonly duration: number
  /** Whether it is to be moved: it was not moved since it last committed. */
  readonly moves: boolean
}

interface Seen {
  member: string
  checkpoint: number
  /** Time at which it was last seen to make progress, ms. */
  since: number
  told: boolean
  /** Member from which it was moved; null: it has committed since. */
  movedFrom: string | null
}

export interface StuckShards {
  /** Shards that are stuck now. */
  look(plan: Plan, records: Records, now: number): readonly StuckShard[]
  /** Returns the ones that have become stuck since the last call of `news`. */
  news(stuck: readonly StuckShard[]): readonly StuckShard[]
}

type Records = ReadonlyMap<string, Pick<HeardRecord, 'heard' | 'shards'>>

/** @param limit silence after which a shard is stuck, ms */
export function stuckShards(limit: number): StuckShards {
  const seen = new Map<number, Seen>()

  function look(plan: Plan, records: Records, now: number): readonly StuckShard[] {
    const found: StuckShard[] = []
    for (const [shard, member] of plan.owners.entries()) {
      const record = member === null ? undefined : records.get(member)
      const report = record?.shards[shard]
      const last = seen.get(shard)
      const acts = report?.doing === 'running' || (report?.doing === 'warming' && !isRun(plan, records, shard))
      const isSame = last !== undefined && last.member === member && report?.checkpoint === last.checkpoint
      if (member === null || record === undefined || !acts || !isSame) {
        const commits = last !== undefined && report !== undefined && report.checkpoint > last.checkpoint
        const movedFrom = commits ? null : (last?.movedFrom ?? null)
        const { checkpoint = last?.checkpoint ?? 0 } = report ?? {}
        seen.set(shard, { member: member ?? '', checkpoint, since: now, told: false, movedFrom })
        continue
      }
      const duration = record.heard - last.since
      if (duration < limit + (report.idle ? longestPause : 0)) continue
      const moves = last.movedFrom === null || last.movedFrom === member
      if (moves) last.movedFrom = member
      found.push({ shard, member, duration: Math.round(duration), moves })
    }
    return found
  }

  return {
    look,
    news: (stuck) =>
      stuck.filter(({ shard }) => {
        const its = seen.get(shard) as Seen
        const isNew = !its.told
        its.told = true
        return isNew
      }),
  }
}

function isRun({ members }: Plan, records: Records, shard: number): boolean {
  return Object.keys(members).some((member) => {
    const doing = records.get(member)?.shards[shard]?.doing
    return doing === 'running' || doing === 'releasing'
  })
}
