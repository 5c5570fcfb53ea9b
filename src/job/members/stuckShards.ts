/**
 * Finds shards that commit nothing although their members are alive: a thread that loops for ever
 * is noticed by nobody else, since its own timers do not run and heartbeats come from the main
 * thread. A shard that says it is idle commits only each minute, since nothing has passed.
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
  look(plan: Plan, records: ReadonlyMap<string, Pick<HeardRecord, 'shards'>>, now: number): readonly StuckShard[]
  /** Returns the ones that have become stuck since the last call of `news`. */
  news(stuck: readonly StuckShard[]): readonly StuckShard[]
}

/** @param limit silence after which a shard is stuck, ms */
export function stuckShards(limit: number): StuckShards {
  const seen = new Map<number, Seen>()

  function look(
    plan: Plan,
    records: ReadonlyMap<string, Pick<HeardRecord, 'shards'>>,
    now: number,
  ): readonly StuckShard[] {
    const found: StuckShard[] = []
    for (const [shard, member] of plan.owners.entries()) {
      const report = member === null ? undefined : records.get(member)?.shards[shard]
      const last = seen.get(shard)
      const runs = member !== null && report?.doing === 'running'
      if (!runs || last === undefined || last.member !== member || report.checkpoint !== last.checkpoint) {
        const commits = last !== undefined && report !== undefined && report.checkpoint > last.checkpoint
        const movedFrom = commits ? null : (last?.movedFrom ?? null)
        const { checkpoint = last?.checkpoint ?? 0 } = report ?? {}
        seen.set(shard, { member: member ?? '', checkpoint, since: now, told: false, movedFrom })
        continue
      }
      const duration = now - last.since
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
