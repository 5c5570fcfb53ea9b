/** A job as its cluster knows it, without any process that runs it. */
import { abortController, systemClock } from '../../src/clock.ts'
import type { Membership } from '../../src/contracts/members.ts'
import type { PlanStore } from '../../src/contracts/plan.ts'
import { kafkaLedger } from '../../src/kafka/ledger/kafkaLedger.ts'
import { kafkaMembers } from '../../src/kafka/members/kafkaMembers.ts'
import type { Topics } from '../../tools/support/topics.ts'
import { genesis, planOf } from '../contracts/planStoreContract.ts'

/** To be closed. */
export async function plansOf({ cluster }: Topics, job: string): Promise<PlanStore> {
  const { signal } = abortController()
  const context = { job, clock: systemClock, signal, tell: () => undefined }
  const store = await kafkaLedger({ ...cluster }, 'rxweft', undefined).plans?.(context)
  if (store === undefined) throw new Error('the ledger has no plans')
  return store
}

/** The plan gives shard 0 to pod-0, for which `use` may speak, and shard 1 to pod-1, of which nothing is heard. */
export async function withTwoMembers(
  topics: Topics,
  job: string,
  use: (membership: Membership) => Promise<void>,
): Promise<void> {
  const store = await plansOf(topics, job)
  const members = { a1: { instance: 'pod-0', groupMember: null }, b1: { instance: 'pod-1', groupMember: null } }
  await store.write({ ...planOf(1, 'a1'), owners: ['a1', 'b1'], members }, genesis())
  const { signal } = abortController()
  const membership = await kafkaMembers(topics.cluster, { instance: 'pod-0', zone: 'z' }).open({
    ...{ clock: systemClock, signal, job, prefix: 'rxweft', member: 'a1', threads: 2 },
    ...{ changed: () => undefined, lost: () => undefined, unheard: () => undefined },
  })
  try {
    await use(membership)
  } finally {
    await membership.leave()
    await membership.close()
    await store.close()
  }
}
