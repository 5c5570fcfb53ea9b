/** Reads the plan of a job and what its members say; both are missing for a job without a plan. */

import { planTopicName } from '../checkpoint/names.ts'
import { decodePlan } from '../checkpoint/planCodec.ts'
import type { Plan } from '../contracts/plan.ts'
import { planTopic } from '../kafka/ledger/planTopic.ts'
import { type RecentRecord, recentRecords } from '../kafka/reading/recentRecords.ts'
import { decodeRecord } from '../members/memberCodec.ts'
import type { MemberFact } from './jobStatus.ts'
import { partitionsOf, type Reading } from './reading.ts'

/** Offsets before the end that are read: a member says something each few seconds. */
const tail = { plans: 64, members: 2_000 }

export interface PlanFacts {
  readonly plan: Plan | null
  readonly members: ReadonlyMap<string, MemberFact>
}

export async function readPlan(reading: Reading, prefix: string, job: string): Promise<PlanFacts> {
  const topic = planTopicName(prefix, job)
  const partitions = (await partitionsOf(reading, topic)) ?? 0
  const read = async (partition: number, most: number): Promise<readonly RecentRecord[]> =>
    partition < partitions ? recentRecords(reading, { topic, partition }, most) : []
  const [planned, said] = await Promise.all([read(planTopic.plan, tail.plans), read(planTopic.members, tail.members)])
  const last = planned.findLast(({ value }) => value !== null)?.value
  const place = `topic ${topic}, partition ${planTopic.plan}`
  return { plan: last == null ? null : decodePlan(last, place).plan, members: newest(said) }
}

/** Newest record of each member that has not left. */
function newest(records: readonly RecentRecord[]): ReadonlyMap<string, MemberFact> {
  const found = new Map<string, MemberFact>()
  for (const { key, value, timestamp } of records) {
    const member = key?.toString('utf8') ?? ''
    const record = value === null ? null : decodeRecord(value)
    if (record === null) found.delete(member)
    else found.set(member, { ...record, saidAt: timestamp < 0 ? null : timestamp })
  }
  return found
}
