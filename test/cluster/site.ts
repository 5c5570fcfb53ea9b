/**
 * A job on a cluster under fire, fed and watched by Java all the while, and its history for the
 * checkers.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ledgerTopicName, transactionalId } from '../../src/checkpoint/names.ts'
import { type ClusterRoles, clusterRoles } from '../../tools/broker/clusterRoles.ts'
import { endGuard } from '../../tools/broker/endGuard.ts'
import type { JavaCluster } from '../../tools/broker/javaCluster.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { eventually } from '../../tools/support/jobs.ts'
import { testTopics } from '../../tools/support/topics.ts'
import { isOpen } from '../faults/decided.ts'
import { byPartition, expectedOf, line, partitions } from './expected.ts'
import type { History } from './history.ts'
import { type ClusterJob, clusterJob } from './job.ts'
import { startTraffic } from './traffic.ts'

export interface ClusterSite {
  readonly cluster: JavaCluster
  readonly roles: ClusterRoles
  readonly random: () => number
  readonly name: string
  readonly topics: { readonly source: string; readonly echo: string; readonly counts: string; readonly ledger: string }
  readonly job: ClusterJob
  /** Somebody else's transaction in both sinks, and its end: aborted. */
  strangerAborts(): Promise<void>
  /** The job is killed; what is visible once nothing is open is noted; it starts again. */
  standstill(): Promise<void>
  /** Lets the job process everything, and tells all that is known. Nothing is fed any more. */
  history(): Promise<History>
  close(): Promise<void>
}

/** Lines for each partition, every so many ms. */
const pace = { lines: 1, every: 50 }

export async function openClusterSite(cluster: JavaCluster, random: () => number): Promise<ClusterSite> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-fire-'))
  const guard = endGuard('rm -rf "$1"', [folder])
  const made = await testTopics(cluster.brokers)
  const name = made.name('fire')
  const [source, echo, counts] = [
    await made.create(partitions),
    await made.create(partitions),
    await made.create(partitions),
  ] as [string, string, string]
  const sinks = [echo, counts]
  const topics = { source, echo, counts, ledger: ledgerTopicName('rxweft', name) }
  const roles = clusterRoles(cluster)
  await eventually(() => roles.allInSync().catch(() => false))
  const traffic = await startTraffic(cluster.brokers, source, sinks)
  const job = clusterJob([
    ...['--brokers', cluster.jobBrokers.join(','), '--job', name, '--checkpoints', folder],
    ...['--source', source, '--echo', echo, '--counts', counts],
  ])
  const aborted = new Set<string>()
  const standstills: History['standstills'][number][] = []
  let fed = 0
  const feeding = setInterval(() => {
    traffic.feed(Array.from({ length: partitions * pace.lines }, () => line(fed++)))
  }, pace.every)

  async function nothingOpen(): Promise<void> {
    for (const topic of [...sinks, topics.ledger])
      await eventually(async () => !(await isOpen(cluster.answering, topic).catch(() => true)))
  }

  async function all(topic: string) {
    const records = await consoleConsume(cluster.brokers, topic, { timeout: 300_000 })
    return byPartition(records.map(seenIn(topic)))
  }

  return {
    ...{ cluster, roles, random, name, topics, job },
    async strangerAborts() {
      const value = `never committed ${randomUUID()}`
      aborted.add(value)
      const stranger = await made.transactional(made.name('stranger'))
      for (const sink of sinks) for (let p = 0; p < partitions; p++) await stranger.send(sink, p, [value])
      await stranger.end(false)
    },
    async standstill() {
      await job.kill()
      // As whoever comes after it would: else its transactions stay open until they expire.
      for (const turn of [0, 1]) await made.transactional(transactionalId('rxweft', name, 0, turn))
      await nothingOpen()
      await traffic.caughtUp()
      const visible = sinks.map((sink) => byPartition(traffic.seen.filter(({ topic }) => topic === sink)))
      standstills.push(visible.map((each) => each.map(({ length }) => length)))
      job.start()
    },
    async history() {
      clearInterval(feeding)
      await traffic.flushed()
      await job.finish()
      await nothingOpen()
      await traffic.caughtUp()
      const expected = (await all(source)).map((lines) => expectedOf(lines.map(({ value }) => value)))
      const histories = sinks.map(async (topic, at) => ({
        topic,
        expected: expected.map((each) => each[at as 0 | 1]),
        during: byPartition(traffic.seen.filter((one) => one.topic === topic)),
        final: await all(topic),
      }))
      return { sinks: await Promise.all(histories), aborted, standstills }
    },
    async close() {
      clearInterval(feeding)
      await job.kill()
      await traffic.close()
      await made.close().catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
      guard.dismiss()
    },
  }
}

function seenIn(topic: string) {
  return ({ partition, offset, value }: { partition: number; offset: number; value: string | null }) => ({
    topic,
    partition,
    offset,
    value: String(value),
  })
}
