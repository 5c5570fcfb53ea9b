import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { type DeadLetter, deadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { cancelAll, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { slowSerde } from '../../serde/slowSerde.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('a decompression bomb on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'is one letter with its offsets, with %s',
    async (compression) => {
      const topic = await topics.create()
      const bomb = 'x'.repeat(200_000)
      await topics.append(topic, ['before'], 0, compression)
      await topics.append(topic, ['small', bomb, 'small'], 0, compression)
      await topics.append(topic, ['after'], 0, compression)
      for (const value of [text, slowSerde(async () => undefined)]) {
        const [into, dead] = [memorySink<string>({ id: 'out' }), memorySink<DeadLetter>({ id: 'dead' })]
        const options = { topic, value, until: 'latest', maxDecompressedBytes: 100_000 } as const
        const job = defineJob(
          topics.name('job'),
          ({ from }) => from(kafkaSource(topics.cluster, options)).pipe(to(into)),
          { onError: deadLetter(dead) },
        )
        await runToEnd(job)
        expect(into.committed).toEqual(['before', 'after'])
        expect(dead.committed).toEqual([
          expect.objectContaining({
            topic,
            partition: 0,
            offset: 1,
            lastOffset: 3,
            value: null,
            code: 'BATCH_TOO_LARGE',
          }),
        ])
      }
    },
  )
})
