/** An unclean election on real brokers: records that a job has read are gone, and others are in their place. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import { type ClusterRoles, clusterRoles } from '../../../tools/broker/clusterRoles.ts'
import { type BrokerId, type JavaCluster, startJavaCluster } from '../../../tools/broker/javaCluster.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { cancelAll, eventually, failure, keep, nowhere, run } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

describe.skipIf(!possible)('after an unclean election', { timeout: 120_000 }, () => {
  let cluster: JavaCluster
  let roles: ClusterRoles
  let topics: Topics

  beforeAll(async () => {
    cluster = await startJavaCluster()
    roles = clusterRoles(cluster)
    topics = await testTopics(cluster.brokers)
  }, 120_000)

  afterAll(async () => {
    await cancelAll()
    await topics?.close().catch(() => undefined)
    await cluster?.stop()
  })

  const config = { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true', 'retention.ms': '-1' }

  async function create(leader: BrokerId, follower: BrokerId): Promise<string> {
    const topic = topics.name()
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    const replicaAssignment = [{ partition: 0, replicas: [leader, follower] }]
    await topics.admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }], waitForLeaders: false })
    await led(topic, leader)
    return topic
  }

  const led = (topic: string, by: BrokerId): Promise<void> =>
    eventually(async () => (await roles.leader(topic, 0).catch(() => null)) === by)

  const isr = async (topic: string): Promise<number> => {
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: [topic] })
    return found[0]?.partitions[0]?.isr.length ?? 0
  }

  function reading(name: string, topic: string, into: StreamRecord<string>[], until?: 'latest') {
    return defineJob(name, ({ from }) =>
      from(kafkaSource(topics.cluster, { topic, value: text, until }), noWatermarks()).pipe(
        keep(into),
        to(nowhere<string>()),
      ),
    )
  }

  it('a job that runs, and one that was stopped, end with what is lost, and skip nothing', async () => {
    const [leader, follower]: readonly [BrokerId, BrokerId] = [1, 2]
    const topic = await create(leader, follower)
    await topics.append(topic, ['a', 'b', 'c'])
    await eventually(async () => (await isr(topic)) === 2)
    await cluster.nodes[follower].kill()
    await topics.append(topic, ['d', 'e', 'f'])

    const [stoppedName, storage] = [topics.name('job'), memoryStorage()]
    const before: StreamRecord<string>[] = []
    await run(reading(stoppedName, topic, before, 'latest'), { storage }).done
    const seen: StreamRecord<string>[] = []
    const live = run(reading(topics.name('job'), topic, seen))
    await eventually(() => before.length === 6 && seen.length === 6)

    await cluster.nodes[leader].kill()
    await cluster.nodes[follower].start()
    await led(topic, follower)
    await topics.append(topic, ['x', 'y', 'z'])

    for (const error of [await failure(live), await failure(run(reading(stoppedName, topic, before), { storage }))]) {
      expect(error).toMatchObject({
        code: 'LOG_TRUNCATED',
        consequence: 'corrupted',
        where: { topic, partition: 0, offset: 6 },
      })
      expect(error.message).toContain('offsets 3 to 5')
    }
    expect(seen.map(({ value }) => value)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    // And so does a bounded one, although its position is where the new log happens to end.
    const bounded = run(reading(stoppedName, topic, before, 'latest'), { storage })
    expect(await failure(bounded)).toMatchObject({ code: 'LOG_TRUNCATED' })
    expect(before).toHaveLength(6)
  })
})
