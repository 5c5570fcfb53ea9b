/**
 * Three brokers, restarted one after the other and then killed one after the other, under a job and Java transactional producers whose
 * transactions have the same coordinators as the job's: no attempt of the job ends, and at each fault the job is silent for hardly longer
 * than Java is.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { transactionalId } from '../../src/checkpoint/names.ts'
import { type BrokerId, brokerIds, type JavaCluster, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { kafkaVersion, kafkaVersions } from '../../tools/broker/kafkaJars.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { eventually } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'
import { check } from './checkers.ts'
import { partitions } from './expected.ts'
import { type JavaCommits, startJavaCommits } from './javaCommits.ts'
import { type ClusterSite, openClusterSite } from './site.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

/** The oldest speaks version 1 of the transaction protocol. */
const versions = [kafkaVersions[0], kafkaVersion]

/** What the job may be silent for longer than Java, ms: in the mean of three faults, and at each of them. */
const [more, most] = [1_000, 2_000]

/** ms after everything is in sync again: what comes late is seen, too. */
const settling = 3_000

describe.skipIf(!possible).each(versions)('a job on three brokers of Kafka %s', { timeout: 240_000 }, (version) => {
  let cluster: JavaCluster
  let site: ClusterSite
  let topics: Topics
  let javas: readonly JavaCommits[] = []

  beforeAll(async () => {
    cluster = await startJavaCluster({ version })
    site = await openClusterSite(cluster, seededRandom(anySeed()))
    topics = await testTopics(cluster.brokers)
    const topic = await topics.create(2 * partitions)
    site.job.start()
    await eventually(async () => site.job.commits().length > 20)
    const ids = [0, 1].map((turn) => transactionalId('rxweft', site.name, 0, turn))
    const beside = await besides(topics, ids)
    javas = await Promise.all(beside.map((id) => startJavaCommits(cluster.brokers, topic, id, 100)))
    await eventually(async () => javas.every(({ commits }) => commits.length > 20))
  }, 240_000)

  afterAll(async () => {
    for (const java of javas) await java.close()
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
    const java = Math.max(...javas.map(({ commits }) => longestGap(commits, from, until)))
    const seen = { job: longestGap(site.job.commits(), from, until), java }
    const restarts = site.job.restarts() - before
    console.log(`broker ${broker}: job silent for ${seen.job} ms, Java for ${seen.java} ms, ${restarts} restarts`)
    if (restarts > 0) console.log(site.job.said())
    return { ...seen, restarts }
  }

  /** One goes down after the other. The mean counts most: a single election may take a second more or less on a busy machine. */
  async function eachInTurn(act: (broker: BrokerId) => Promise<void>): Promise<void> {
    const seen = []
    for (const broker of brokerIds) seen.push(await silences(broker, () => act(broker)))
    expect(seen.map(({ restarts }) => restarts)).toEqual([0, 0, 0])
    expect(mean(seen.map(({ job }) => job))).toBeLessThan(mean(seen.map(({ java }) => java)) + more)
    expect(seen.filter(({ job, java }) => job > java + most)).toEqual([])
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

/** A transactional id for each different coordinator of `ids`, with the same one at every moment. */
async function besides(topics: Topics, ids: readonly string[]): Promise<readonly string[]> {
  const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: ['__transaction_state'] })
  const count = found[0]?.partitions.length ?? 0
  const partitionOf = (id: string): number => (javaHash(id) & 0x7fffffff) % count
  return [...new Set(ids.map(partitionOf))].map((partition) => {
    for (;;) {
      const id = topics.name('java')
      if (partitionOf(id) === partition) return id
    }
  })
}

/** Java's `String.hashCode`, by which Kafka chooses the partition of a transactional id. */
function javaHash(text: string): number {
  let hash = 0
  for (const char of text) hash = (Math.imul(31, hash) + char.charCodeAt(0)) | 0
  return hash
}
