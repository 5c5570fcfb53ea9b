/** Kinds of schedules that the command line knows. */
import type { Rxweft } from '../core/rxweft.ts'
import { runMembers } from '../members/membersSchedule.ts'
import { movedMembers } from '../members/movedMembers.ts'
import { runSchedule, type Verdict } from '../schedule.ts'

/** In one shard; over shards; over shards in several processes; with ten processes and a hundred shards; with other numbers of shards. */
export type Kind = 'one' | 'shards' | 'members' | 'large' | 'rescale'

export function playOf(kind: Kind): (rxweft: Rxweft, seed: number, traced?: boolean) => Promise<Verdict> {
  if (kind === 'one' || kind === 'shards')
    return (rxweft, seed, traced = false) => runSchedule(rxweft, seed, traced, kind === 'shards')
  if (kind === 'rescale') return movedMembers
  return (rxweft, seed, traced = false) => runMembers(rxweft, seed, traced, kind === 'large')
}
