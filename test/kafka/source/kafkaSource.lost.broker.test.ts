import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { asyncMap } from '../../../src/operators/asyncMap.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import {
  cancelAll,
  eventually,
  failure,
  keep,
  nowhere,
  type Running,
  run,
  runToEnd,
} from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { deleteRecords } from '../deleteRecords.ts'

const brokers = inject('brokers')

/** How long a running job may take to notice, ms. */
const soon = 8_000

describe.skipIf(brokers.length === 0)(
  'a Kafka source whose records are gone stops, and never resets',
  { timeout: 20_000 },
  () => {
    let topics: Topics
    let topic: string
    let records: StreamRecord<string>[]

    beforeAll(async () => {
      topics = await testTopics(brokers)
    })

    afterEach(cancelAll)
    afterAll(() => topics.close())

    /** Has read two records of this partition, and kept a checkpoint behind them. */
    async function stopped(partition = 0): Promise<() => Running> {
      topic = await topics.create(partition + 1)
      records = []
      await topics.append(topic, ['a', 'b'], partition)
      const [name, storage] = [topics.name('job'), memoryStorage()]
      await runToEnd(job(name, 'latest'), { storage })
      expect(records.length).toBe(2)
      return () => run(job(name, undefined), { storage })
    }

    async function running(): Promise<Running> {
      topic = await topics.create()
      records = []
      await topics.append(topic, ['a', 'b'])
      const started = run(job(topics.name('job'), undefined))
      await eventually(() => records.length === 2)
      return started
    }

    function job(name: string, until: 'latest' | undefined): Job {
      return defineJob(name, ({ from }) =>
        from(kafkaSource(topics.cluster, { topic, value: text, until }), noWatermarks()).pipe(
          keep(records),
          to(nowhere<string>()),
        ),
      )
    }

    async function expectStop(job: Running, code: string, partition = 0): Promise<void> {
      const error = await failure(job)
      expect(error).toMatchObject({ code, consequence: 'fatal', where: { topic, partition, offset: 2 } })
      for (const part of [topic, `partition ${partition}`, 'offset 2', 'another job name']) {
        expect(error.message).toContain(part)
      }
      expect(job.seen.filter(({ type }) => type === 'restarting')).toEqual([])
    }

    it('when retention passes the checkpoint of a job that is stopped, at each start anew', async () => {
      const start = await stopped(1)
      await topics.append(topic, ['c', 'd'], 1)
      await deleteRecords(topics.cluster, topic, 1, 3)
      for (let again = 0; again < 2; again++) await expectStop(start(), 'OFFSET_OUT_OF_RANGE', 1)
      expect(records.length).toBe(2)
    })

    it('when retention reaches just to the checkpoint it goes on', async () => {
      const start = await stopped(1)
      await topics.append(topic, ['c'], 1)
      await deleteRecords(topics.cluster, topic, 1, 2)
      const started = start()
      await eventually(() => records.length === 3)
      await started.stop()
      expect(records.map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    })

    it('when retention passes a running job that is behind', async () => {
      topic = await topics.create(2)
      const large = 'x'.repeat(400 * 1024)
      for (let at = 0; at < 20; at++) await topics.append(topic, [large], 1)
      let [read, open] = [0, () => {}]
      const gate = new Promise<void>((resolve) => (open = resolve))
      const slow = defineJob(topics.name('job'), ({ from }) =>
        from(kafkaSource(topics.cluster, { topic, value: text, maxInFlight: 1 }), noWatermarks()).pipe(
          asyncMap(async (value) => {
            read += 1
            await gate
            return value
          }),
          to(nowhere<string>()),
        ),
      )
      const started = run(slow)
      await eventually(() => read > 0)
      await deleteRecords(topics.cluster, topic, 1, 20)
      open()
      const error = await failure(started)
      expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', consequence: 'fatal', where: { topic, partition: 1 } })
      expect(error.where.offset).toBeGreaterThan(0)
      expect(error.where.offset).toBeLessThan(20)
      expect(error.hint).toContain('retention')
      expect(started.seen.filter(({ type }) => type === 'restarting')).toEqual([])
    })

    it('when the topic is created anew while the job is stopped', async () => {
      const start = await stopped()
      await topics.remove(topic)
      await topics.create(1, {}, topic)
      await topics.append(topic, ['c', 'd', 'e'])
      for (let again = 0; again < 2; again++) await expectStop(start(), 'TOPIC_RECREATED')
      expect(records.length).toBe(2)
    })

    it('when the topic is created anew while the job runs', async () => {
      const started = await running()
      await topics.remove(topic)
      await topics.create(1, {}, topic)
      await topics.append(topic, ['c', 'd', 'e'])
      const since = Date.now()
      await expectStop(started, 'TOPIC_RECREATED')
      expect(Date.now() - since).toBeLessThan(soon)
      expect(records.length).toBe(2)
    })

    it('when the topic is created anew with more partitions while the job runs, of which it reads none', async () => {
      topic = await topics.create()
      records = []
      await topics.append(topic, ['a', 'b'])
      const read = () => kafkaSource(topics.cluster, { topic, value: text, discoveryInterval: 1 })
      const started = run(
        defineJob(topics.name('job'), ({ from }) =>
          from(read(), noWatermarks()).pipe(keep(records), to(nowhere<string>())),
        ),
      )
      await eventually(() => records.length === 2)
      await topics.remove(topic)
      await topics.create(4, {}, topic)
      for (const partition of [1, 2, 3]) await topics.append(topic, ['c'], partition)
      await expectStop(started, 'TOPIC_RECREATED')
      expect(records.length).toBe(2)
    })

    it('when the topic is deleted while the job is stopped', async () => {
      const start = await stopped()
      await topics.remove(topic)
      await expectStop(start(), 'TOPIC_MISSING')
    })

    it('when the topic is deleted while the job runs', async () => {
      const started = await running()
      await topics.remove(topic)
      const since = Date.now()
      await expectStop(started, 'TOPIC_MISSING')
      expect(Date.now() - since).toBeLessThan(soon)
    })

    it('and says the same of a topic that a job writes to exactly once', async () => {
      const [source, sink] = [await topics.create(), await topics.create()]
      const copied = defineJob(topics.name('job'), ({ from }) =>
        from(kafkaSource(topics.cluster, { topic: source, value: text }), noWatermarks()).pipe(
          to(kafkaSink<string>(topics.cluster, { topic: sink, value: text })),
        ),
      )
      const started = run(copied)
      await started.until('checkpoint-committed')
      await topics.remove(sink)
      await topics.append(source, ['a'])
      const since = Date.now()
      expect(await failure(started)).toMatchObject({
        code: 'TOPIC_MISSING',
        consequence: 'fatal',
        where: { topic: sink },
      })
      expect(Date.now() - since).toBeLessThan(soon)
    })
  },
)
