import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { type ClusterRoles, clusterRoles } from '../../../tools/broker/clusterRoles.ts'
import { type BrokerId, brokerIds, type JavaCluster, startJavaCluster } from '../../../tools/broker/javaCluster.ts'
import { consoleConsume } from '../../../tools/support/consoleConsumer.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { eventually } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

describe.skipIf(!possible)('a cluster of three brokers and a controller', { timeout: 90_000 }, () => {
  let cluster: JavaCluster
  let roles: ClusterRoles
  let topics: Topics
  let topic: string

  beforeAll(async () => {
    cluster = await startJavaCluster()
    roles = clusterRoles(cluster)
    topics = await testTopics(cluster.brokers)
    topic = await topics.create(1)
  }, 120_000)

  afterEach(() => cluster.heal())

  afterAll(async () => {
    await topics?.close()
    await cluster?.stop()
  })

  async function leader(): Promise<BrokerId> {
    await eventually(async () => (await roles.leader(topic, 0).catch(() => null)) !== null)
    return (await roles.leader(topic, 0)) as BrokerId
  }

  /** Resolves once another broker leads. */
  async function deposed(former: BrokerId): Promise<void> {
    await eventually(async () => {
      const now = await roles.leader(topic, 0).catch(() => null)
      return now !== null && now !== former
    })
  }

  it('keeps three replicas of what is written, of which two must be there', async () => {
    const { resources } = await topics.admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ['min.insync.replicas', 'unclean.leader.election.enable'] }],
    })
    expect(resources[0]?.configEntries.map(({ configValue }) => configValue).sort()).toEqual(['2', 'false'])
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: [topic] })
    expect(found[0]?.partitions[0]?.replicas.toSorted()).toEqual([1, 2, 3])
  })

  it('has another leader when the first is killed, is stopped, is paused, or is cut off', async () => {
    const told: string[] = []
    const happenings: Readonly<Record<string, (id: BrokerId) => Promise<void> | void>> = {
      kill: (id) => cluster.nodes[id].kill(),
      stop: (id) => cluster.nodes[id].stop(),
      pause: (id) => cluster.nodes[id].pause(),
      cut: (id) => cluster.links.hold(id, 'controller'),
    }
    for (const [what, happen] of Object.entries(happenings)) {
      const first = await leader()
      await happen(first)
      await deposed(first)
      await cluster.heal()
      await topics.append(topic, [what])
      told.push(what)
    }
    const read = await consoleConsume(cluster.brokers, topic)
    expect(read.map(({ value }) => value)).toEqual(told)
  })

  it('goes on if the controller is paused, and does not elect anybody meanwhile', async () => {
    const id = await leader()
    const producer = await topics.transactional(topics.name())
    cluster.nodes.controller.pause()
    await producer.send(topic, 0, ['without a controller'])
    await producer.end(true)
    await cluster.nodes[id].kill()
    // As long as it would take otherwise, and a bit longer.
    await pause(6_000)
    expect(await roles.leader(topic, 0)).toBe(id)
  })

  it('tells who coordinates a transactional id and a group', async () => {
    for (const type of ['transaction', 'group'] as const) {
      await eventually(() =>
        roles.coordinator(type, 'anybody').then(
          () => true,
          () => false,
        ),
      )
      expect(brokerIds).toContain(await roles.coordinator(type, 'anybody'))
    }
  })
})
