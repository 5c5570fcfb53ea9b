import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import type { JavaBroker } from '../../../tools/broker/foundBroker.ts'
import { startJavaBroker } from '../../../tools/broker/javaBroker.ts'
import { consoleConsume } from '../../../tools/support/consoleConsumer.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { cancelAll, eventually, run, runToEnd } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

describe.skipIf(!possible)('on a cluster with transaction protocol v1', { timeout: 30_000 }, () => {
  let broker: JavaBroker
  let topics: Topics

  beforeAll(async () => {
    broker = await startJavaBroker({ format: ['--feature', 'transaction.version=0'] })
    topics = await testTopics(broker.brokers)
  })

  afterEach(cancelAll)

  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  function uppercase(name: string, source: string, sink: string, until?: 'latest'): Job {
    const read = { topic: source, groupId: name, value: text, until }
    return defineJob(name, ({ from }) =>
      from(kafkaSource(topics.cluster, read), noWatermarks()).pipe(
        map((line) => line.toUpperCase()),
        to(kafkaSink<string>(topics.cluster, { topic: sink, value: text, partitioner: samePartition })),
      ),
    )
  }

  async function committed(topic: string): Promise<readonly string[]> {
    const records = await consoleConsume(broker.brokers, topic)
    return records.map(({ partition, value }) => `${partition} ${value}`)
  }

  it('finds out that it is v1', async () => {
    const connections = await topics.cluster.connect('test')
    expect(connections.transactionVersion).toBeLessThan(2)
    await connections.close()
  })

  it('a job writes every record exactly once although it is killed, and fails just before a decision', async () => {
    const [source, sink, name] = [await topics.create(2), await topics.create(2), topics.name('job')]
    const storage = memoryStorage()
    const expected: string[][] = [[], []]
    let count = 0
    async function feed(): Promise<void> {
      for (const partition of [0, 1]) {
        const lines = Array.from({ length: 20 }, () => `line ${count++}`)
        expected[partition]?.push(...lines.map((line) => `${partition} ${line.toUpperCase()}`))
        await topics.append(source, lines, partition)
      }
    }
    for (let life = 0; life < 3; life++) {
      let failures = life
      const job = run(uppercase(name, source, sink), {
        storage,
        checkpointing: { interval: 50, maxConcurrent: 2 },
        probe(step) {
          if (step === 'ending' && failures-- === 1) throw new RetriableError('TEST', 'just before the decision')
        },
      })
      await job.until('restored')
      for (let times = 0; times < 4; times++) {
        await feed()
        await job.checkpoints(1)
      }
      const before = await topicEnds(broker.brokers, sink, 'read_uncommitted')
      await feed()
      await eventually(async () => (await topicEnds(broker.brokers, sink, 'read_uncommitted')).join() !== before.join())
      await job.cancel()
    }
    await runToEnd(uppercase(name, source, sink, 'latest'), { storage })
    expect(await committed(sink)).toEqual(expected.flat())
    const [offsets] = await topics.admin.fetchOffsets({ groupId: name, topics: [source] })
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['300', '300'])
  })

  it('what is open when a job is cancelled is aborted at once, and holds no reader back', async () => {
    const [source, sink, name] = [await topics.create(), await topics.create(), topics.name('job')]
    await topics.append(source, ['a'])
    const job = run(uppercase(name, source, sink), { checkpointing: { interval: 60_000 } })
    await eventually(async () => (await topicEnds(broker.brokers, sink, 'read_uncommitted'))[0] === 1)
    await job.cancel()
    await eventually(async () => (await topicEnds(broker.brokers, sink, 'read_committed'))[0] === 2)
    expect(await committed(sink)).toEqual([])
  })
})
