/**
 * The plan in a topic of the job, and ledger entries decided with it, in one transaction of an id
 * that only writers of the plan use:
 *
 *   fence   the plan's id, and both ids of each shard whose entry is replaced
 *   read    the plan and these entries, to the end
 *   send    the next plan and the new entries
 *   prove   each read was complete (ledgerSentinel.ts); then EndTxn
 *
 * Of two writers with one number, the later one fences the earlier, or finds its plan. A writer
 * that sleeps in between is fenced by the next one.
 */

import { groupName, planId, planTopicName, transactionalId } from '../../checkpoint/names.ts'
import { decodePlan, encodePlan } from '../../checkpoint/planCodec.ts'
import { sleep } from '../../clock.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import { type Plan, type PlanContext, type PlanStore, planChanged } from '../../contracts/plan.ts'
import type { KafkaCluster } from '../cluster.ts'
import { livingMembers } from '../members/livingMembers.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { apart } from '../sending/apart.ts'
import { type Parcel, producer } from '../sending/producer.ts'
import { type Decisions, decidedTopic } from './decidedTopic.ts'
import type { LedgerHorizon } from './ledgerHorizon.ts'
import { type LedgerTopic, ledgerTopic } from './ledgerTopic.ts'
import { planTopic } from './planTopic.ts'
import { stateTopic } from './stateTopic.ts'

/** After this time the cluster aborts the transaction of a writer that has died, ms. */
const transactionTimeout = 10_000

/** Longest time for aborting an open transaction at the end, ms. */
const farewell = 500

export async function kafkaPlans(
  context: PlanContext,
  cluster: KafkaCluster,
  prefix: string,
  horizon: LedgerHorizon,
): Promise<PlanStore> {
  const { job } = context
  const connections = await cluster.connect('plan', context.tell)
  const leaders = leadersOf(context, connections)
  const parts = { attempt: context, cluster, connections, leaders, horizon }
  const plans = decidedTopic({
    ...parts,
    ...planDecisions(prefix, job),
    partition: planTopic.plan,
    partitions: planTopic.partitions,
  })
  const writing = (id: string) =>
    producer(context, connections, leaders, { transactionalId: id, transactionTimeout, acks: -1 })
  const writer = writing(planId(prefix, job))
  const ledgerOf = (shard: number, shards: number) =>
    ledgerTopic({ ...context, shard, shards }, cluster, connections, leaders, prefix, horizon)

  const sendApart = apart(context, connections, leaders)

  /** Ledgers of shards that somebody waits for. */
  const watched = new Map<number, LedgerTopic>()
  function watchedLedger(shard: number): LedgerTopic {
    const its = watched.get(shard) ?? ledgerOf(shard, shard + 1)
    watched.set(shard, its)
    return its
  }

  async function fenceShard(shard: number): Promise<void> {
    await Promise.all([0, 1].map((turn) => writing(transactionalId(prefix, job, shard, turn)).init()))
  }

  return {
    place: `topic ${plans.name} of ${cluster.brokers.join(',')}`,
    read: () => plans.read('committed'),
    entry: (shard) => ledgerOf(shard, shard + 1).read('committed'),
    glimpse: (shard) => watchedLedger(shard).glimpse(),
    async write(next, entries, deciding) {
      const shards = entries?.shards ?? []
      const ledgers = new Map(shards.map((shard) => [shard, ledgerOf(shard, next.owners.length)]))
      await writer.init()
      await Promise.all(shards.map(fenceShard))
      const current = await plans.read('fenced')
      if ((current?.number ?? 0) !== next.number - 1) throw planChanged(current, next)
      const read = async (shard: number) => [shard, (await ledgers.get(shard)?.read('fenced')) ?? null] as const
      const standing = new Map<number, LedgerEntry | null>(await Promise.all(shards.map(read)))
      const replaced = entries === undefined ? [] : [...entries.replace(standing)]
      await plans.ensure()
      // All of them have found the same topic, so one creates it for all.
      await [...ledgers.values()][0]?.ensure()
      const parcels = replaced.flatMap(([shard, entry]) => ledgers.get(shard)?.parcel(entry) ?? [])
      const acks = await writer.send([plans.parcel(next), ...parcels])
      await plans.prove(acks)
      for (const [shard] of replaced) await ledgers.get(shard)?.prove(acks)
      deciding?.()
      await writer.commit()
    },
    snapshots(of, entry) {
      // No checkpoint of a session: nothing is sent into a transaction.
      const send = (_: unknown, parcels: readonly Parcel[]) => sendApart(parcels)
      const attempt = { ...context, ...of, execution: 'plan' }
      const state = stateTopic({ ...parts, attempt, prefix, send, sendApart })
      state.begin(entry)
      return state.storage
    },
    living: ({ members }) => livingMembers({ ...context, connections, groupId: groupName(prefix, job) }, members),
    async close() {
      await Promise.race([writer.abandon().catch(() => undefined), sleep(context.clock, farewell)])
      await connections.close()
    },
  }
}

function planDecisions(prefix: string, job: string): Decisions<Plan> {
  const what = 'the plan topic'
  return {
    name: planTopicName(prefix, job),
    keyOf: () => Buffer.from(planId(prefix, job)),
    encode: (plan) => encodePlan(plan),
    decode: (bytes, place) => decodePlan(bytes, place).plan,
    sameWriter: (before, after) => before?.number === after?.number,
    missing: { fatal: 'LEDGER_TOPIC_MISSING', retriable: 'LEDGER_TOPIC_NOT_CREATED', what },
    tooSmall: { fatal: 'LEDGER_TOPIC_TOO_SMALL', retriable: 'LEDGER_TOPIC_NOT_ALTERED', what },
  }
}
