import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { toError } from '../../src/errors.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { exponentialDelay } from '../../src/job/restart.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'
import { samePartition } from '../../src/sinks/partitioner.ts'
import { noWatermarks } from '../../src/time/watermarks.ts'
import { type ConsumedRecord, consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { cancelAll, eventually, run } from '../../tools/support/jobs.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { type Nodes, startThreeNodes } from './threeNodes.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

describe.skipIf(!possible)('on a cluster of three brokers', { timeout: 60_000 }, () => {
  let nodes: Nodes
  let topics: Topics

  beforeAll(async () => {
    nodes = await startThreeNodes()
    topics = await testTopics(nodes.brokers)
  }, 120_000)

  afterEach(cancelAll)

  afterAll(async () => {
    await topics?.close()
    await nodes?.stop()
  })

  it('a job reads and writes partitions on all of them, and goes on, exactly once, when one is killed', async () => {
    const [source, sink] = [await topics.create(6), await topics.create(6)]
    let count = 0
    async function feed(): Promise<void> {
      for (const partition of [0, 1, 2, 3, 4, 5]) {
        const lines = Array.from({ length: 50 }, () => `line ${count++}`)
        await topics.append(source, lines, partition)
      }
    }
    // Each broker hears of new topics in its own time.
    await eventually(async () => {
      const seen = await topics.admin.fetchTopicMetadata({ topics: [source, sink] }).catch(() => null)
      const leaders = seen?.topics.map(({ partitions }) => new Set(partitions.map(({ leader }) => leader)).size)
      return leaders?.join() === '3,3'
    })
    await feed()
    const uppercase = defineJob(topics.name('job'), ({ from }) =>
      from(kafkaSource(topics.cluster, { topic: source, groupId: 'lag', value: text }), noWatermarks()).pipe(
        map((line) => line.toUpperCase()),
        to(kafkaSink<string>(topics.cluster, { topic: sink, value: text, partitioner: samePartition })),
      ),
    )
    const job = run(uppercase, { restart: exponentialDelay({ max: 500 }) })
    await job.checkpoints(1)
    await nodes.kill(2)
    // Its partitions have other leaders when this is through.
    await eventually(async () => {
      const failed = await feed().catch(toError)
      return failed === undefined
    })
    const done = async () => {
      const ends = await topicEnds(nodes.brokers, source, 'read_committed')
      const [found] = await topics.admin.fetchOffsets({ groupId: 'lag', topics: [source] })
      return (found?.partitions ?? []).every(({ partition, offset }) => Number(offset) === ends[partition])
    }
    await eventually(() => done().catch(() => false))
    await nodes.start(2)
    await feed()
    await eventually(() => done().catch(() => false))
    await job.stop()
    // What was sent to the broker as it died may be there or not: what is there counts.
    const [read, written] = [await consoleConsume(nodes.brokers, source), await consoleConsume(nodes.brokers, sink)]
    expect(read.length).toBeGreaterThan(600)
    const shown = ({ partition }: ConsumedRecord, value: string | null = '') => `${partition} ${value}`
    const expected = read.map((record) => shown(record, record.value?.toUpperCase()))
    expect(written.map((record) => shown(record, record.value))).toEqual(expected)
  })
})
