/** Every kind of poison through the Kafka sink, in both guarantees, with each policy: judged by Java's consumer. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import type { DeadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import { execute } from '../../../src/job/execute.ts'
import { noRestart } from '../../../src/job/restart.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { json } from '../../../src/serde/json.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../../src/sinks/sink.ts'
import { oracleAvailable } from '../../../tools/support/consoleConsumer.ts'
import { javaRead } from '../../../tools/support/javaRecords.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { goodOf, type Poison, poisonJob, poisons } from '../../sinks/poison.ts'

const brokers = inject('brokers')
const oracle = brokers.length > 0 && (await oracleAvailable())
const hour = 3_600_000

/** As test/sinks/poison.ts says: an hour around now, 100,000 bytes, and only records with keys. */
const config = {
  'message.timestamp.before.max.ms': `${hour}`,
  'message.timestamp.after.max.ms': `${hour}`,
  'max.message.bytes': '100000',
  'cleanup.policy': 'compact',
}
const goods = Array.from({ length: poisons.length + 1 }, (_, at) => goodOf(2 * at))

describe.skipIf(!oracle)('poison through the Kafka sink', { timeout: 120_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  describe.each(['exactly-once', 'at-least-once'] as const)('%s', (guarantee) => {
    const bad = poisons.filter(({ badFor }) => badFor.includes(guarantee))
    const offsets = bad.map((one) => 2 * poisons.indexOf(one) + 1)

    async function run(policy: Parameters<typeof poisonJob>[2], only?: readonly Poison[]) {
      const topic = await topics.create(1, config)
      const sink = kafkaSink<unknown>(topics.cluster, { topic, value: json() as never, id: 'sink', guarantee })
      const job = poisonJob(topics.name('poison'), sink as TransactionalSink<unknown>, policy, only)
      const events: JobEvent[] = []
      const handle = execute(job, { storage: memoryStorage(), restart: noRestart() })
      handle.events$.subscribe((event) => events.push(event))
      const error: unknown = await handle.done.then(
        () => undefined,
        (thrown) => thrown,
      )
      const values = async () =>
        (await javaRead(brokers, topic)).map(({ value }) => JSON.parse(String(value)) as unknown)
      return { events, error, values }
    }

    it('is skipped and counted, and nothing else lost or doubled', async () => {
      const { events, error, values } = await run('skip')
      expect(error).toBeUndefined()
      const written = await values()
      expect(written.filter((value) => goods.includes(value as string))).toEqual(goods)
      expect(written).toHaveLength(goods.length + poisons.length - bad.length)
      const skipped = events.flatMap((event) => (event.type === 'bad-records' ? [event.skipped] : []))
      expect(skipped.reduce((sum, some) => sum + some, 0)).toBe(bad.length)
    })

    it('becomes dead letters with their coordinates', async () => {
      const dead = memorySink<DeadLetter>({ id: 'dead' })
      const { error, values } = await run(dead)
      expect(error).toBeUndefined()
      expect((await values()).filter((value) => goods.includes(value as string))).toEqual(goods)
      const found = dead.committed.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`)
      expect(found.toSorted()).toEqual(offsets.map((offset) => `memory/0@${offset}`).toSorted())
    })
  })

  it.each(poisons.filter(({ badFor }) => badFor.includes('exactly-once')))(
    'ends the job with an error that names the record: $name',
    async (poison) => {
      const topic = await topics.create(1, config)
      const sink = kafkaSink<unknown>(topics.cluster, { topic, value: json() as never, id: 'sink' })
      const job = poisonJob(topics.name('poison'), sink as TransactionalSink<unknown>, 'fail', [poison])
      await expect(execute(job, { storage: memoryStorage(), restart: noRestart() }).done).rejects.toMatchObject({
        badRecord: true,
        where: { topic: 'memory', partition: 0, offset: 1 },
      })
    },
  )
})
