/** What a job tells of its topics in a real broker: lag, bytes. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execute } from '../../src/job/execute.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'
import { eventually } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { metricsOf } from './metricsOf.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('the metrics of a job in Kafka', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  it('tell the lag, which ends at 0 although transactions have markers, and the bytes of source and sink', async () => {
    const [from, middle, into] = [await topics.create(1), await topics.create(1), await topics.create(1)]
    await topics.append(from, ['a', 'b', 'c'])
    const copy = (name: string, source: string, sink: string) =>
      execute(
        defineJob(topics.name(name), (builder) =>
          builder
            .from(kafkaSource(topics.cluster, { topic: source, value: text }))
            .pipe(to(kafkaSink(topics.cluster, { topic: sink, value: text }))),
        ),
        { storage: memoryStorage(), checkpointing: { interval: 200 } },
      )
    // The second job reads what the first has written in transactions.
    const jobs = [copy('first', from, middle), copy('second', middle, into)]
    try {
      const second = jobs[1] as (typeof jobs)[0]
      await eventually(async () => {
        const { value } = await metricsOf(second)
        return value('sink.records') === 3 && value('checkpoint.number') !== 0 && value('source.lag') === 0
      })
      const { value } = await metricsOf(second)
      expect(value('source.bytes')).toBeGreaterThan(3)
      expect(value('sink.bytes')).toBeGreaterThan(3)
    } finally {
      await Promise.all(jobs.map((job) => job.cancel()))
    }
  })
})
