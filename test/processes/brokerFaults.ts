/** Faults of the brokers: each role that one has for the job, and what can happen to it. */
import { setTimeout as pause } from 'node:timers/promises'
import {
  groupName,
  ledgerTopicName,
  planId,
  planTopicName,
  repartitionTopicName,
  transactionalId,
} from '../../src/checkpoint/names.ts'
import type { NodeName } from '../../tools/broker/javaCluster.ts'
import { brokerHappenings, happenings, rolling } from '../cluster/happenings.ts'
import { between } from '../faults/seededRandom.ts'
import type { ProcessFault } from './fault.ts'
import { type ProcessSite, shards } from './site.ts'
import { partitions } from './words.ts'

const prefix = 'rxweft'

const roles = {
  'the coordinator of the group': ({ roles, stage }) => roles.coordinator('group', groupName(prefix, stage.job)),
  'the transaction coordinator of a shard': ({ roles, stage, random }) => {
    const id = transactionalId(prefix, stage.job, between(random, 0, shards - 1), between(random, 0, 1))
    return roles.coordinator('transaction', id)
  },
  'the transaction coordinator of the plan': ({ roles, stage }) =>
    roles.coordinator('transaction', planId(prefix, stage.job)),
  'the leader of the plan': (site) => leaderOf(site, planTopicName(prefix, site.stage.job), 0),
  "the leader of the members' records": (site) => leaderOf(site, planTopicName(prefix, site.stage.job), 1),
  "the leader of a shard's ledger": (site) =>
    leaderOf(site, ledgerTopicName(prefix, site.stage.job), between(site.random, 0, shards - 1)),
  'the leader of a repartition topic': (site) =>
    leaderOf(site, repartitionTopicName(prefix, site.stage.job, 'words'), between(site.random, 0, partitions - 1)),
  'the leader of a source partition': (site) =>
    leaderOf(site, site.stage.topics.events, between(site.random, 0, partitions - 1)),
  'the leader of the rules': (site) => leaderOf(site, site.stage.topics.rules, 0),
} as const satisfies Readonly<Record<string, (site: ProcessSite) => Promise<NodeName>>>

const possible = {
  'is killed': happenings.killed,
  'is stopped': happenings.stopped,
  'is frozen for 5 s': happenings['paused for 5 s'],
  'is frozen for 20 s': happenings['paused for 20 s'],
  'is cut off from the others': happenings['cut off from the others'],
  'is not heard by the others': happenings['is not heard by the others'],
  'is cut off from the job': brokerHappenings['cut off from the job only'],
  'does not hear the job': brokerHappenings['does not hear the job'],
  'is not heard by the job': brokerHappenings['is not heard by the job'],
} as const

/** Of `npm test`. */
const short = 'the coordinator of the group is killed'

/** Of a cluster that becomes whole again, ms. */
const patience = 300_000

/** A fault is over when the next one could not take away a second replica. */
async function allBack({ roles }: ProcessSite): Promise<void> {
  for (const deadline = Date.now() + patience; !(await roles.allInSync().catch(() => false)); await pause(200))
    if (Date.now() > deadline) throw new Error(`not all partitions have three replicas again after ${patience} ms`)
}

const ofRoles = Object.entries(roles).flatMap(([role, find]) =>
  Object.entries(possible).map(
    ([what, happen]): ProcessFault => ({
      name: `${role} ${what}`,
      kind: 'brokers',
      ...(`${role} ${what}` === short ? { short: true as const } : {}),
      async inject(site) {
        await happen(site, await find(site))
        await allBack(site)
      },
    }),
  ),
)

export const brokerFaults: readonly ProcessFault[] = [
  ...ofRoles,
  {
    name: 'the controller is killed',
    kind: 'brokers',
    async inject(site) {
      await happenings.killed(site, 'controller')
      await allBack(site)
    },
  },
  { name: 'all brokers are restarted one after the other', kind: 'brokers', inject: (site) => rolling(site) },
]

async function leaderOf({ roles }: ProcessSite, topic: string, partition: number): Promise<NodeName> {
  const leader = await roles.leader(topic, partition)
  if (leader === null) throw new Error(`nobody leads partition ${partition} of ${topic}, and nothing has happened yet`)
  return leader
}
