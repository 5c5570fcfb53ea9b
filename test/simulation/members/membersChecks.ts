/** What must hold of a job in several processes, beside what must hold of any: who owns what under which plan, and for how long nobody does. */
import { decodePlan } from '../../../src/checkpoint/planCodec.ts'
import { readBatches } from '../../../src/kafka/batch/readBatches.ts'
import type { World } from '../world.ts'
import type { Crew } from './crew.ts'
import type { MembersConfig } from './membersConfig.ts'

export const planTopic = 'rxweft-simulated-plan'

export function membersProblems({ decisions, brokers }: World, config: MembersConfig): readonly string[] {
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
      if (entry.released !== undefined && next !== undefined && next.checkpoint !== entry.checkpoint)
        problems.push(`shard ${shard}: its owner went on after it had released checkpoint ${entry.checkpoint}`)
    }
  }
  const numbers = plansOf(brokers.shared.topology.find(planTopic, 0)?.log.batches ?? [])
  const wrong = numbers.findIndex((number, at) => number !== at + 1)
  if (wrong >= 0) problems.push(`plan ${numbers[wrong]} follows plan ${numbers[wrong - 1] ?? 0}`)
  return problems
}

function plansOf(
  batches: readonly { bytes: Buffer; control: boolean; part?: { outcome: string } | null }[],
): readonly number[] {
  const numbers: number[] = []
  for (const { bytes, control, part } of batches) {
    if (control || part?.outcome !== 'committed') continue
    for (const batch of readBatches(bytes, { topic: planTopic, partition: 0 }))
      batch.records((record) => numbers.push(decodePlan(record.value() ?? Buffer.alloc(0), planTopic).plan.number))
  }
  return numbers
}

/**
 * While somebody fit is there, no shard is without a commit for longer than it takes to miss its owner and to take over. A leaving
 * process that dies half way is missed as any other.
 */
export function silences({ decisions, agenda }: World, config: MembersConfig, { unfit }: Crew): readonly string[] {
  const longest = config.sessionTimeout + 5_000
  for (let shard = 0; shard < config.shardCount; shard++) {
    const times = decisions.filter((one) => one.shard === shard).map(({ at }) => at)
    for (const [at, time] of times.entries()) {
      const next = times[at + 1] ?? Math.min(agenda.now(), time)
      if (next - time <= longest) continue
      if (unfit.some(([from, to]) => from < next && to > time)) continue
      return [`shard ${shard} has committed nothing for ${next - time} ms`]
    }
  }
  return []
}
