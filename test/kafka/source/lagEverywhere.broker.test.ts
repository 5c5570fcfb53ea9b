/**
 * A source that every shard reads has one consumer group, and so one position in each partition:
 * that of shard 0, whatever the others have read.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { execution } from '../../../src/job/execution.ts'
import type { RunningJob } from '../../../src/job/jobHandle.ts'
import { planning } from '../../../src/job/planning.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import { eventually } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('the consumer group of a source that every shard reads', () => {
  let topics: Topics
  const running: RunningJob[] = []

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(() => Promise.allSettled(running.splice(0).map((shard) => shard.cancel())))

  afterAll(() => topics.close())

  /** Two shards that copy all rules, each to be started by itself. */
  async function world() {
    const [rules, out, group] = [await topics.create(2), await topics.create(2), topics.name('group')]
    const [payments, paid] = [await topics.create(2), await topics.create(2)]
    const sink = (topic: string) => to(kafkaSink<string>(topics.cluster, { topic, value: text }))
    const job = defineJob(topics.name('job'), ({ from }) => {
      const source = kafkaSource(topics.cluster, { topic: rules, value: text, groupId: group })
      return [
        from(source, noWatermarks(), { everywhere: true }).pipe(sink(out)),
        // Some source has to be divided among the shards.
        from(kafkaSource(topics.cluster, { topic: payments, value: text })).pipe(sink(paid)),
      ]
    })
    const options = { storage: fileStorage(await temporaryFolder()), checkpointing: { interval: 50 } }
    const [me, never] = [randomUUID(), new AbortController().signal]
    const planned = planning(job, options, { execution: me, shards: 2 })
    const plan = (await planned({ stopping: never, cancelling: never }, () => undefined)) ?? undefined
    return {
      start(shard: number): void {
        const handle = execution(job, options, { execution: me, shard, shards: 2, plan })
        handle.done.catch(() => undefined)
        running.push(handle)
      },
      add: (rule: string) => Promise.all([0, 1].map((partition) => topics.append(rules, [rule], partition))),
      /** Number of records in the output, and of markers. */
      written: async () => (await topicEnds(brokers, out, 'read_committed')).reduce((sum, end) => sum + end, 0),
      /** By partition; -1: none. */
      async position(): Promise<readonly number[]> {
        const [found] = await topics.admin.fetchOffsets({ groupId: group, topics: [rules] }).catch(whileNew)
        const offsets = found?.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const)
        return [0, 1].map((partition) => new Map(offsets).get(partition) ?? -1)
      },
    }
  }

  it('gets the position of shard 0, in all partitions', async () => {
    const { start, add, position } = await world()
    await add('first')
    start(0)
    await eventually(async () => (await position()).join() === '1,1')
    await add('second')
    await eventually(async () => (await position()).join() === '2,2')
  })

  it('gets nothing from the others, however far they are ahead', async () => {
    const { start, add, position, written } = await world()
    await add('first')
    start(1)
    await eventually(async () => (await written()) > 0)
    await add('second')
    const before = await written()
    await eventually(async () => (await written()) > before)
    expect(await position()).toEqual([-1, -1])
  })
})

/** The first group on a broker has no coordinator for a moment. */
function whileNew(error: { readonly retriable?: boolean }): [] {
  if (error.retriable === true) return []
  throw error
}
