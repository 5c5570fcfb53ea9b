/**
 * The takeover through a deposed leader: A commits at a new leader of the ledger while the former one, X, is asleep; A dies, X wakes up
 * and cannot hear that it was replaced, and B is told to start at X. What X knows of the ledger is old by then.
 *
 *   ledger   X leads  | X asleep: Y leads, A commits and dies | X awake, controller asleep: B asks X, and claims the job there | controller awake
 *   read there   old  |                                   new |                                                            old |            new
 */
import { setTimeout as pause } from 'node:timers/promises'
import { numberedLine } from '../../examples/demo/ground.ts'
import { uppercase } from '../../examples/uppercase.ts'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { ledgerTopicName, transactionalId } from '../../src/checkpoint/names.ts'
import { deferred } from '../../src/deferred.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import type { CoordinatorType } from '../../src/kafka/nodes/connections.ts'
import { produce } from '../../src/kafka/protocol/produce.ts'
import { clusterRoles } from '../../tools/broker/clusterRoles.ts'
import { type BrokerId, brokerIds, type JavaCluster } from '../../tools/broker/javaCluster.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { eventually, run } from '../../tools/support/jobs.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import type { Topics } from '../../tools/support/topics.ts'
import { feeder } from '../faults/feeder.ts'
import { watched } from './watched.ts'

const count = 1_000
const committed = /checkpoint \d+ committed/

/**
 * Plays it, and resolves with what Java reads from the sink in the end.
 *
 * @param known what X knows of the ledger: nothing, or the entry that A began with
 */
export async function takeOverThroughDeposedLeader(
  cluster: JavaCluster,
  topics: Topics,
  folder: string,
  known: 'nothing' | 'genesis',
): Promise<readonly string[]> {
  const roles = clusterRoles(cluster)
  const [job, source, sink] = [topics.name('job'), topics.name('source'), topics.name('sink')]
  const x = await notCoordinating(job)
  const others = brokerIds.filter((id) => id !== x)
  const ledger = ledgerTopicName('rxweft', job)
  await createAt(ledger, [x, ...others], { 'cleanup.policy': 'compact' })
  for (const topic of [source, sink]) await createAt(topic, [...others, x])
  const lines = await feeder(cluster.answering[0] as string, source)

  const start = () =>
    testProgram([
      ...['--brokers', cluster.brokers.join(','), '--source', source, '--sink', sink],
      ...['--job', job, '--checkpoints', folder, '--interval', '100', '--verbose'],
    ])

  async function fallAsleep(): Promise<void> {
    cluster.nodes[x].pause()
    await eventually(async () => {
      const leader = await roles.leader(ledger, 0).catch(() => null)
      return leader !== null && leader !== x
    })
  }

  if (known === 'nothing') await fallAsleep()
  const a = start()
  await a.untilSaid(/reading from/)
  if (known === 'genesis') await fallAsleep()
  for (const from of [0, count / 2]) {
    const before = a.said.length
    const some = Array.from({ length: count / 2 }, (_, at) => ({ ...numberedLine(from + at + 1), partition: 0 }))
    await lines.send(some)
    await a.untilSaid(committed, before)
  }
  await eventually(async () => (await consoleConsume(cluster.answering, sink)).length === count)
  await a.kill()
  await lines.close()

  cluster.nodes.controller.pause()
  cluster.nodes[x].wake()
  const claimed = deferred<void>()
  const through = watched(kafkaCluster({ brokers: [cluster.brokers[x - 1] as string] }), (node, api) => {
    if (node === x && api === produce.name) claimed.resolve()
  })
  const b = run(uppercase(through, { name: job, source, sink, until: 'latest' }), { storage: fileStorage(folder) })
  // Whoever has learned not to believe X does not claim the job there.
  await Promise.race([claimed.promise, pause(10_000), b.done])
  await cluster.heal()
  await b.done
  const read = await consoleConsume(cluster.brokers, sink)
  return read.map(({ value }) => String(value))

  /** A broker that the takeover does not ask for anything but the ledger. */
  async function notCoordinating(name: string): Promise<BrokerId> {
    const keys: readonly (readonly [CoordinatorType, string])[] = [
      ['transaction', transactionalId('rxweft', name, 0, 0)],
      ['transaction', transactionalId('rxweft', name, 0, 1)],
    ]
    const busy = new Set<BrokerId>()
    for (const [type, key] of keys) {
      const found = () => roles.coordinator(type, key).catch(() => null)
      await eventually(async () => (await found()) !== null)
      busy.add((await found()) as BrokerId)
    }
    return brokerIds.find((id) => !busy.has(id)) as BrokerId
  }

  async function createAt(topic: string, replicas: readonly BrokerId[], config: Record<string, string> = {}) {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    const replicaAssignment = [{ partition: 0, replicas: [...replicas] }]
    await topics.admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }], waitForLeaders: false })
    await eventually(async () => (await roles.leader(topic, 0).catch(() => null)) === replicas[0])
  }
}
