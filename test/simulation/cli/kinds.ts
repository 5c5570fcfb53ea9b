/** Kinds of schedules that the command line knows. */
import type { Rxweft } from '../core/rxweft.ts'
import { runMembers } from '../members/membersSchedule.ts'
import { runSchedule, type Verdict } from '../schedule.ts'

/** In one shard; over shards; over shards in several processes; the same with ten processes and a hundred shards. */
export type Kind = 'one' | 'shards' | 'members' | 'large'

export function playOf(kind: Kind): (rxweft: Rxweft, seed: number, traced?: boolean) => Promise<Verdict> {
  if (kind === 'one' || kind === 'shards')
    return (rxweft, seed, traced = false) => runSchedule(rxweft, seed, traced, kind === 'shards')
  return (rxweft, seed, traced = false) => runMembers(rxweft, seed, traced, kind === 'large')
}
