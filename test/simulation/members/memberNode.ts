/** One start of one process of the job, with everything that a real one has but threads: membership, plan, keepers, takeovers. */
import { randomUUID } from 'node:crypto'
import type { RunningMember } from '../../../src/job/members/overMembers.ts'
import { type Process, simulatedProcess } from '../core/process.ts'
import { paceOf } from '../faults/clocks.ts'
import { definitionOf, describe } from '../job/owner.ts'
import { endOf, type OwnerEnd } from '../job/ownerEnd.ts'
import { type SimulatedCluster, simulatedCluster } from '../network/cluster.ts'
import type { FaultRates } from '../network/faultRates.ts'
import type { World } from '../world.ts'
import type { MembersConfig } from './membersConfig.ts'

export interface MemberNode {
  readonly instance: string
  /** Incarnation. */
  readonly member: string
  readonly process: Process
  readonly cluster: SimulatedCluster
  readonly handle: RunningMember
  readonly startedAt: number
  readonly end: OwnerEnd | null
  readonly leaving: boolean
  isolatedUntil: number
  leave(): void
  stop(): void
  kill(): void
}

export function memberNode(
  world: World,
  config: MembersConfig,
  name: string,
  instance: string,
  rates: FaultRates,
): MemberNode {
  const { rxweft, agenda, brokers, trace } = world
  const process = simulatedProcess(name, agenda, paceOf(world.clocks))
  const member = randomUUID()
  let leaving = false
  const cluster = simulatedCluster({
    ...{ rxweft, brokers, process, rates, aimed: new Map() },
    reaches: () => agenda.now() >= self.isolatedUntil,
    requestTimeout: config.requestTimeout,
    transactionVersion: config.transactionVersion,
  })
  const { interval, minPause, timeout, maxConcurrent } = config
  const settings = {
    checkpointing: { interval, minPause, timeout, maxConcurrent },
    storage: { ...world.disk.storageFor(process), shared: true },
    restart: rxweft['job/restart'].exponentialDelay({ initial: 10, max: 200 }),
    clock: process.clock,
    shards: config.shardCount,
  }
  const definition = definitionOf(world, cluster, undefined)
  const { kafkaMembers } = rxweft['kafka/members/kafkaMembers']
  const { memberJob } = rxweft['job/members/memberJob']
  const { shardsHere } = rxweft['job/members/shardRun']
  const handle = memberJob(definition, settings, {
    me: member,
    threads: config.threads[config.instances.indexOf(instance)] ?? 1,
    members: kafkaMembers(cluster, { instance, sessionTimeout: config.sessionTimeout }),
    start: shardsHere(definition, settings, member),
    close: async () => undefined,
  })
  trace.note(() => `${name}: is ${member.slice(0, 8)}`)
  handle.events$.subscribe((event) => {
    if (process.state !== 'dead') trace.note(() => `${name}: ${describe(event)}`)
  })
  const end = endOf(handle, process)
  const self: MemberNode = {
    ...{ instance, member, process, cluster, handle, startedAt: agenda.now(), isolatedUntil: 0 },
    get end() {
      return end()
    },
    get leaving() {
      return leaving
    },
    leave() {
      leaving = true
      handle.leave().catch(() => undefined)
    },
    stop() {
      handle.stop().catch(() => undefined)
    },
    kill() {
      process.kill()
      cluster.cut()
    },
  }
  return self
}
