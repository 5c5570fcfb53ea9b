/**
 * The plans of a job: one after the other, the first one with the first entries of all shards, one that moves slots with those of the shards
 * concerned, and entries only by those that a plan names.
 */
import { shardsConcerned } from '../../../src/contracts/slotMoves.ts'
import type { World } from '../world.ts'

export function planProblems({ plans, decisions }: Pick<World, 'plans' | 'decisions'>): readonly string[] {
  const named = new Map(plans.map(({ plan }) => [plan.number, plan]))
  return [
    ...plans.flatMap(({ plan, entries }, at) => {
      const before = plans[at - 1]?.plan
      const problems: string[] = []
      if (plan.number !== (before?.number ?? 0) + 1)
        problems.push(`plan ${plan.number} after ${before?.number ?? 'none'}`)
      const isEnd = before?.moving !== undefined && plan.moved?.request === before.moving.request
      const moves = isEnd && plan.moved?.error === undefined
      if (before !== undefined && `${before.slots}` !== `${plan.slots}` && !moves)
        problems.push(`plan ${plan.number} moves slots`)
      const concerned = before === undefined ? plan.owners : shardsConcerned(before.slots, plan.slots)
      if (entries.length !== concerned.length)
        problems.push(`plan ${plan.number} is decided with ${entries.length} entries`)
      return problems
    }),
    ...decisions.flatMap(({ shard, entry: { plan = 0, slots, owner, released } }) => {
      // What is released is signed under the plan that gives it to somebody else; a shard without slots may be nobody's.
      if (!slots || released !== undefined) return []
      if (named.get(plan)?.owners[shard] === owner) return []
      return [`an entry of shard ${shard} is of ${owner.slice(0, 8)}, to whom plan ${plan} does not give it`]
    }),
  ]
}
