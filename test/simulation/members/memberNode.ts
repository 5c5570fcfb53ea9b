/** One start of one process of the job, with everything that a real one has: membership, plan, keepers, takeovers, and threads (nodeThreads.ts). */
import { randomUUID } from 'node:crypto'
import type { JobEvent } from '../../../src/job/events.ts'
import type { RunningMember } from '../../../src/job/members/overMembers.ts'
import { type Process, simulatedProcess } from '../core/process.ts'
import { paceOf } from '../faults/clocks.ts'
import { definitionOf, describe } from '../job/owner.ts'
import { endOf, type OwnerEnd } from '../job/ownerEnd.ts'
import { simulatedCluster } from '../network/cluster.ts'
import type { FaultRates } from '../network/faultRates.ts'
import type { Direction } from '../network/wire.ts'
import type { World } from '../world.ts'
import type { MembersConfig } from './membersConfig.ts'
import { nodeThreads } from './nodeThreads.ts'

export interface MemberNode {
  readonly name: string
  readonly instance: string
  /** Incarnation. */
  readonly member: string
  readonly process: Process
  readonly handle: RunningMember
  readonly startedAt: number
  readonly end: OwnerEnd | null
  readonly leaving: boolean
  /** Shards that hung here, and since when. */
  readonly hung: ReadonlyMap<number, number>
  /** When it was asked to leave, if it lived on. */
  readonly askedToLeaveAt: number | undefined
  /** When it has ended, or was killed. */
  readonly endedAt: number | undefined
  /** What it has told, and when. */
  readonly told: readonly Told[]
  /** Times at which it was not well, or not to stay, as [from, to], ms. */
  readonly disturbed: readonly (readonly [from: number, to: number])[]
  /** Shards that have failed here. */
  readonly failed: ReadonlySet<number>
  /** Until then no connection can be made, ms. */
  isolatedUntil: number
  /** Nothing gets through that way, and nobody is told; undefined: everything does. */
  oneWay: { readonly way: Direction; readonly node: number | undefined; readonly until: number } | undefined
  /** Breaks its connections, or those to one node. */
  cut(node?: number): void
  leave(): void
  stop(): void
  kill(): void
  pause(): void
  wake(): void
  readonly hangs: boolean
  readonly allHang: boolean
  /** Hangs a thread that runs shards. False: there is none. */
  hang(): boolean
  release(): void
  /** Ends one of its shards as an error of the job's code does. */
  fail(): void
  /** Notes that it will not be well for so long, ms. */
  disturb(ms: number): void
  /** Times at which it was slow, but well, as [from, to], ms. */
  readonly slowed: [from: number, to: number][]
}

export interface Told {
  readonly at: number
  readonly event: JobEvent
}

export function memberNode(
  world: World,
  config: MembersConfig,
  { name, instance, rates, heard, job = definitionOf }: NodeParts,
): MemberNode {
  const { rxweft, agenda, brokers, trace } = world
  const pace = paceOf(world.clocks)
  const process = simulatedProcess(name, agenda, pace)
  const member = randomUUID()
  const told: Told[] = []
  const disturbed: [number, number][] = []
  const failed = new Set<number>()
  let leaving = false
  const hung = new Map<number, number>()
  let askedToLeaveAt: number | undefined
  let endedAt: number | undefined

  const clusterOf = (its: Process) =>
    simulatedCluster({
      ...{ rxweft, brokers, process: its, rates, aimed: new Map() },
      reaches: () => agenda.now() >= self.isolatedUntil,
      blocked: (node, way) => {
        const { oneWay } = self
        if (oneWay === undefined || oneWay.way !== way || agenda.now() >= oneWay.until) return false
        return oneWay.node === undefined || oneWay.node === node
      },
      requestTimeout: config.requestTimeout,
      transactionVersion: config.transactionVersion,
    })
  const { interval, minPause, timeout, maxConcurrent } = config
  const settingsOf = (its: Process) => ({
    checkpointing: { interval, minPause, timeout, maxConcurrent },
    storage: { ...world.disk.storageFor(its), shared: true },
    restart: rxweft['job/restart'].exponentialDelay({ initial: 10, max: 200 }),
    clock: its.clock,
    shards: config.shardCount,
  })
  const count = config.threads[config.instances.indexOf(instance)] ?? 1
  const { shardsHere } = rxweft['job/members/shardRun']
  const clusters = [clusterOf(process)]
  const threads = nodeThreads(
    rxweft,
    process,
    Array.from({ length: count }, (_, at) => {
      const its = simulatedProcess(`${name}/${at}`, agenda, pace)
      const cluster = clusterOf(its)
      clusters.push(cluster)
      return { process: its, start: shardsHere(job(world, cluster, undefined), settingsOf(its), member) }
    }),
  )
  const own = clusters[0] as ReturnType<typeof clusterOf>
  const handle = rxweft['job/members/memberJob'].memberJob(job(world, own, undefined), settingsOf(process), {
    me: member,
    threads: count,
    members: rxweft['kafka/members/kafkaMembers'].kafkaMembers(own, {
      instance,
      sessionTimeout: config.sessionTimeout,
    }),
    start: threads.start,
    silences: threads.silences,
    close: async () => threads.kill(),
  })
  trace.note(() => `${name}: is ${member.slice(0, 8)}`)
  handle.events$.subscribe((event) => {
    if (process.state === 'dead') return
    trace.note(() => `${name}: ${describe(event)}`)
    told.push({ at: agenda.now(), event })
    heard(self, event)
  })
  const end = endOf(handle, process)
  const over = (): void => {
    endedAt ??= agenda.now()
  }
  handle.done.then(over, over)
  const disturb = (ms: number): void => void disturbed.push([agenda.now(), agenda.now() + ms])
  const self: MemberNode = {
    ...{ name, instance, member, process, handle, startedAt: agenda.now(), told, disturbed, failed, hung, disturb },
    ...{ isolatedUntil: 0, oneWay: undefined, slowed: [] },
    get end() {
      return end()
    },
    get leaving() {
      return leaving
    },
    get hangs() {
      return threads.hangs
    },
    get allHang() {
      return threads.allHang
    },
    get askedToLeaveAt() {
      return askedToLeaveAt
    },
    get endedAt() {
      return endedAt
    },
    cut(node) {
      for (const cluster of clusters) cluster.cut(node)
    },
    leave() {
      leaving = true
      askedToLeaveAt ??= agenda.now()
      disturb(Infinity)
      handle.leave().catch(() => undefined)
    },
    stop() {
      handle.stop().catch(() => undefined)
    },
    kill() {
      disturb(Infinity)
      endedAt ??= agenda.now()
      process.kill()
      threads.kill()
      self.cut()
    },
    pause() {
      // It may be late now.
      askedToLeaveAt = undefined
      process.pause()
      threads.pause()
    },
    wake() {
      process.wake()
      threads.wake()
    },
    hang() {
      const hanging = threads.hang()
      if (hanging.length === 0) return false
      trace.note(() => `${name}: shards ${hanging} hang`)
      disturb(Infinity)
      for (const shard of hanging) hung.set(shard, agenda.now())
      return true
    },
    release: threads.release,
    fail() {
      const mine = [...told].reverse().find(({ event }) => event.type === 'restored' && 'shard' in event)?.event
      const shard = mine !== undefined && 'shard' in mine ? mine.shard : undefined
      const error = new rxweft.errors.FatalError('OPERATOR_FAILED', 'the job has a mistake')
      if (shard === undefined || !threads.fail(shard, error)) return
      failed.add(shard)
      disturb(Infinity)
    },
  }
  return self
}

export interface NodeParts {
  readonly name: string
  readonly instance: string
  readonly rates: FaultRates
  /** Default: the counting job of the members simulation. */
  readonly job?: typeof definitionOf
  /** Sees each event that it tells. */
  readonly heard: (node: MemberNode, event: JobEvent) => void
}
