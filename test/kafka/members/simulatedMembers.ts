/** Processes that find each other in a simulated cluster, in virtual time: membership alone, without a job. */
import type { Membership } from '../../../src/contracts/members.ts'
import { type Brokers, brokers } from '../../simulation/broker/brokers.ts'
import { moods } from '../../simulation/broker/moods.ts'
import { agenda } from '../../simulation/core/agenda.ts'
import { withAmbient } from '../../simulation/core/ambient.ts'
import { type Process, simulatedProcess } from '../../simulation/core/process.ts'
import { seededRandom } from '../../simulation/core/random.ts'
import { loadRxweft } from '../../simulation/core/rxweft.ts'
import { trace } from '../../simulation/core/trace.ts'
import { type SimulatedCluster, simulatedCluster } from '../../simulation/network/cluster.ts'
import { type FaultRates, noFaults } from '../../simulation/network/faultRates.ts'

export interface SimulatedMember {
  readonly process: Process
  readonly membership: Membership
  /** Reasons for which the group was lost, and null for each time that it was back. */
  readonly lost: readonly (string | null)[]
  /** The same of what members say of themselves. */
  readonly unheard: readonly (string | null)[]
  /** How many times something has changed. */
  readonly changes: number
  /** Names of the members that it knows to be alive, sorted. */
  alive(): string
  kill(): void
}

export interface MembersWorld {
  readonly brokers: Brokers
  readonly rates: FaultRates
  now(): number
  start(member: string, instance?: string): Promise<SimulatedMember>
  /** Lets so many ms pass. */
  pass(ms: number): Promise<void>
  /** Lets time pass until it is true; answers how many ms that took. Throws after a minute. */
  until(is: () => boolean): Promise<number>
  /** Lets time pass until the promise is settled. */
  settled<A>(promise: Promise<A>): Promise<A>
  /** Whether new connections can be made; those that are open break. */
  reachable(is: boolean): void
}

export const planTopic = 'rxweft-words-plan'

/** @param nodes number of brokers */
export async function withMembers(act: (world: MembersWorld) => Promise<void>, nodes = 3, seed = 1): Promise<void> {
  const rxweft = await loadRxweft()
  const random = seededRandom(seed)
  const time = agenda(1_000_000)
  const all = brokers({
    ...{ agenda: time, random, trace: trace(time.now, false), moods: moods(random), nodes, decided: () => undefined },
  })
  all.shared.topology.create(planTopic, 2)
  const rates = { ...noFaults }
  const clusters: SimulatedCluster[] = []
  let reachable = true

  async function start(member: string, instance = member.slice(0, 1)): Promise<SimulatedMember> {
    const process = simulatedProcess(member, time)
    const cluster = simulatedCluster({
      ...{ rxweft, brokers: all, process, rates, aimed: new Map(), reaches: () => reachable },
      ...{ requestTimeout: 30_000, transactionVersion: 2 },
    })
    clusters.push(cluster)
    const lost: (string | null)[] = []
    const unheard: (string | null)[] = []
    const codeOf = (reason: Error | null) => (reason === null ? null : String((reason as { code?: string }).code))
    let changes = 0
    const opening = rxweft['kafka/members/kafkaMembers'].kafkaMembers(cluster, { instance }).open({
      ...{ clock: process.clock, signal: new AbortController().signal, job: 'words', prefix: 'rxweft' },
      ...{ member, threads: 1 },
      changed: () => {
        changes += 1
      },
      lost: (reason) => lost.push(codeOf(reason)),
      unheard: (reason) => unheard.push(codeOf(reason)),
    })
    let opened: Membership | null = null
    opening.then((membership) => {
      opened = membership
    })
    await time.runUntil(() => opened !== null, time.now() + 10_000)
    const membership = await opening
    return {
      ...{ process, membership, lost, unheard },
      get changes() {
        return changes
      },
      alive: () =>
        [...(membership.alive ?? [])]
          .map((one) => one.member)
          .sort()
          .join(' '),
      kill() {
        process.kill()
        cluster.cut()
      },
    }
  }

  await withAmbient(random, time, () =>
    act({
      ...{ brokers: all, rates, now: time.now, start },
      pass: async (ms) => void (await time.runUntil(() => false, time.now() + ms)),
      async until(is) {
        const from = time.now()
        if (!(await time.runUntil(is, from + 60_000))) throw new Error('not within a minute')
        return time.now() - from
      },
      async settled(promise) {
        let is = false
        const done = (): void => {
          is = true
        }
        promise.then(done, done)
        await time.runUntil(() => is, time.now() + 60_000)
        return promise
      },
      reachable(is) {
        reachable = is
        if (!is) for (const cluster of clusters) cluster.cut()
      },
    }),
  )
}
