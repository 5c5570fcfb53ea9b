/**
 * Three brokers, restarted one after the other and then killed one after the other, under a job and a Java transactional producer:
 * no attempt of the job ends, and it is silent for hardly longer than Java is.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type BrokerId, brokerIds, type JavaCluster, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { eventually } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'
import { check } from './checkers.ts'
import { partitions } from './expected.ts'
import { type JavaCommits, startJavaCommits } from './javaCommits.ts'
import { type ClusterSite, openClusterSite } from './site.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

/** What the job may be silent for longer than Java, ms. */
const more = 1_000

/** ms after everything is in sync again: what comes late is seen, too. */
const settling = 3_000

describe.skipIf(!possible)('a job on three brokers, beside a Java producer', { timeout: 240_000 }, () => {
  let cluster: JavaCluster
  let site: ClusterSite
  let topics: Topics
  let java: JavaCommits

  beforeAll(async () => {
    cluster = await startJavaCluster()
    site = await openClusterSite(cluster, seededRandom(anySeed()))
    topics = await testTopics(cluster.brokers)
    const topic = await topics.create(2 * partitions)
    java = await startJavaCommits(cluster.brokers, topic, topics.name('java'), 100)
    site.job.start()
    await eventually(async () => java.commits.length > 20 && site.job.commits().length > 20)
  }, 180_000)

  afterAll(async () => {
    await java?.close()
    await site?.close()
    await topics?.close().catch(() => undefined)
    await cluster?.stop()
  })

  /** The longest silences while `act` takes the broker down and it comes back, ms. */
  async function silences(broker: BrokerId, act: () => Promise<void>) {
    const from = Date.now()
    const before = site.job.restarts()
    await act()
    await cluster.nodes[broker].start()
    await eventually(() => site.roles.allInSync().catch(() => false))
    await pause(settling)
    const until = Date.now()
    const seen = { job: longestGap(site.job.commits(), from, until), java: longestGap(java.commits, from, until) }
    const restarts = site.job.restarts() - before
    console.log(`broker ${broker}: job silent for ${seen.job} ms, Java for ${seen.java} ms, ${restarts} restarts`)
    if (restarts > 0) console.log(site.job.said())
    return { ...seen, restarts }
  }

  /** One goes down after the other. The mean of three counts: a single election may take a second more or less. */
  async function eachInTurn(act: (broker: BrokerId) => Promise<void>): Promise<void> {
    const seen = []
    for (const broker of brokerIds) seen.push(await silences(broker, () => act(broker)))
    expect(seen.map(({ restarts }) => restarts)).toEqual([0, 0, 0])
    expect(mean(seen.map(({ job }) => job))).toBeLessThan(mean(seen.map(({ java }) => java)) + more)
  }

  it('of which each is stopped and started: goes on without a restart, and hardly later than Java', () =>
    eachInTurn((broker) => cluster.nodes[broker].stop()))

  it('of which each is killed and started: goes on without a restart, and hardly later than Java', () =>
    eachInTurn((broker) => cluster.nodes[broker].kill()))

  it('and after all of that nothing is lost, duplicate, aborted, torn, reordered, skipped or unseen', async () => {
    expect(check(await site.history())).toEqual({})
  })
})

/** The longest time without a commit, ms; what is under way at either end counts as far as it reaches in. */
function longestGap(commits: readonly number[], from: number, until: number): number {
  const within = [from, ...commits.filter((at) => at > from && at < until), until]
  return Math.max(...within.map((at, index) => at - (within[index - 1] ?? at)))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
