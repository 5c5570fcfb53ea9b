import { deadLetter, defineJob, map, memoryStorage, noWatermarks, to } from 'rxweft'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { cancelAll, collect, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { schemaRegistry } from '../src/index.ts'
import { realRegistry } from './realRegistry.ts'
import { registryContract } from './registryContract.ts'
import { written } from './through.ts'

const brokers = inject('brokers')
const found = await realRegistry()

if (typeof found === 'string') {
  describe('a real schema registry', () => {
    it.skip(`is not to be had: ${found}`, () => undefined)
  })
} else {
  afterAll(() => found.stop())
  registryContract(`a real schema registry (${found.url})`, async () => found.url)

  describe.skipIf(brokers.length === 0)('a job on a real broker and a real registry', { timeout: 20_000 }, () => {
    let topics: Topics

    beforeAll(async () => {
      topics = await testTopics(brokers)
    })

    afterEach(cancelAll)
    afterAll(() => topics.close())

    interface Order {
      readonly id: string
      readonly price: number
    }

    const fields = [{ name: 'id', type: 'string' }]
    const order = { type: 'record', name: 'Order', fields: [...fields, { name: 'price', type: 'double' }] }
    const bill = { type: 'record', name: 'Bill', fields: [...fields, { name: 'cents', type: 'long' }] }

    it('reads Avro of several versions, writes Avro under its own subject, and keeps as dead letters what it cannot read', async () => {
      const { avro } = schemaRegistry({ url: found.url })
      const [topic, sinkTopic] = [await topics.create(), await topics.create()]
      const subject = `${topic}-value`
      const noted = { ...order, fields: [...order.fields, { name: 'note', type: ['null', 'string'], default: null }] }
      const values = [
        await written(avro({ subject, schema: order, register: true }), { id: 'a', price: 1.5 }),
        Buffer.from('00000f423f02', 'hex'),
        await written(avro({ subject, schema: noted, register: true }), { id: 'b', price: 2, note: 'n' }),
        Buffer.from('{"id":"c"}'),
      ]
      await topics.append(
        topic,
        values.map((value) => ({ value })),
        0,
        'gzip',
      )
      const letters = memorySink<{ code: string; offset: number }>({ id: 'letters' })
      const options = { onError: deadLetter(letters as never) }
      await runToEnd(
        defineJob(
          topics.name('job'),
          ({ from }) => {
            const orders = kafkaSource(topics.cluster, {
              topic,
              value: avro<Order>({ schema: order }),
              until: 'latest',
            })
            const value = avro<object>({ subject: `${sinkTopic}-value`, schema: bill, register: true })
            return from(orders, noWatermarks()).pipe(
              map(({ id, price }) => ({ id, cents: price * 100 })),
              to(kafkaSink(topics.cluster, { topic: sinkTopic, value })),
            )
          },
          options,
        ),
        { storage: memoryStorage() },
      )
      const records: StreamRecord<unknown>[] = []
      const bills = () => kafkaSource(topics.cluster, { topic: sinkTopic, value: avro<unknown>(), until: 'latest' })
      await runToEnd(collect(topics.name('job'), bills, records))
      expect(records.map(({ value }) => value)).toEqual([
        { id: 'a', cents: 150 },
        { id: 'b', cents: 200 },
      ])
      expect(letters.committed.map(({ code, offset }) => ({ code, offset }))).toEqual([
        { code: 'UNKNOWN_SCHEMA', offset: 1 },
        { code: 'NOT_IN_WIRE_FORMAT', offset: 3 },
      ])
    })
  })
}
