import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { defineJob } from '../../../src/job/defineJob.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { monotonousTimestamps } from '../../../src/time/watermarks.ts'
import { cancelAll, keep, nowhere, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('a Kafka source that aligns, on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  it('reads a partition that is far ahead only when the one behind, of the same leader, is through', async () => {
    const topic = await topics.create(3)
    // Each is about what one fetch brings of a partition, so there is something to hold.
    const large = 'x'.repeat(700 * 1024)
    for (const batch of [0, 1, 2, 3, 4, 5]) {
      await topics.append(topic, [{ value: large, timestamp: 1_000 * batch }], 0)
      await topics.append(topic, [{ value: large, timestamp: 100 * batch }], 1)
    }
    const records: StreamRecord<string>[] = []
    const job = defineJob(topics.name('job'), ({ from }) =>
      from(
        kafkaSource(topics.cluster, { topic, value: text, until: 'latest' }),
        monotonousTimestamps().withAlignment(1_000),
      ).pipe(keep(records), to(nowhere<string>())),
    )
    expect(await runToEnd(job)).toMatchObject({ outcome: 'finished' })
    const order = records.map(({ split, timestamp }) => `${split.partition}:${timestamp}`)
    expect(order.length).toBe(12)
    expect(order.slice(-3)).toEqual(['0:3000', '0:4000', '0:5000'])
    const behind = order.slice(0, -3).filter((one) => one.startsWith('1:'))
    expect(behind).toEqual(['1:0', '1:100', '1:200', '1:300', '1:400', '1:500'])
  })
})
