import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../../../src/job/defineJob.ts'
import { fixedDelay } from '../../../src/job/restart.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { messagePack } from '../../../src/serde/messagePack.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import { cancelAll, collect, eventually, failure, run, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { type SlowSerde, slowSerde } from '../../serde/slowSerde.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('codecs on a real broker', { timeout: 20_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  async function read(topic: string, value: SlowSerde, startFrom = 0): Promise<readonly string[]> {
    const records: StreamRecord<string>[] = []
    const from = [{ topic, partition: 0, offset: startFrom }]
    const source = () => kafkaSource(topics.cluster, { topic, value, until: 'latest', startFrom: from })
    await runToEnd(collect(topics.name('job'), source, records))
    return records.map(({ value }) => value)
  }

  it('prepare what is wanted and committed of each chunk before it is decoded, through compression and aborted transactions', async () => {
    const topic = await topics.create()
    await topics.append(topic, ['old', 'a', 'b'], 0, 'gzip')
    const writer = await topics.transactional(topics.name('id'))
    await writer.send(topic, 0, ['never'])
    await writer.end(false)
    await topics.append(topic, ['c'])
    const serde = slowSerde(() => new Promise((resolve) => setImmediate(resolve)))
    expect(await read(topic, serde, 1)).toEqual(['a', 'b', 'c'])
    expect(serde.calls[0]).toBe('open')
    expect([...serde.calls].sort()).toEqual(
      ['open', ...['a', 'b', 'c'].flatMap((value) => [`prepare ${value}`, `decode ${value}`])].sort(),
    )
  })

  it('let the attempt start again if preparing fails for no fault of a record', async () => {
    const topic = await topics.create()
    await topics.append(topic, ['a'])
    let down = 1
    const value = slowSerde(async () => {
      if (down-- > 0) throw new RetriableError('DOWN', 'by the test')
    })
    const records: StreamRecord<string>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value, until: 'latest' })
    const job = run(collect(topics.name('job'), source, records), { restart: fixedDelay({ attempts: 1, delay: 10 }) })
    await job.done
    expect(records.map(({ value }) => value)).toEqual(['a'])
    expect(job.seen.find(({ type }) => type === 'restarting')).toMatchObject({ error: { code: 'DOWN' } })
    expect(value.calls.filter((call) => call === 'open').length).toBe(2)
  })

  it('prepare nothing that lies behind the end of a bounded source', async () => {
    const topic = await topics.create()
    const writer = await topics.transactional(topics.name('id'))
    await topics.append(topic, ['a'])
    await writer.send(topic, 0, ['b'])
    const value = slowSerde()
    const records: StreamRecord<string>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value, until: 'latest' })
    const job = run(collect(topics.name('job'), source, records))
    await eventually(() => records.length > 0)
    await topics.append(topic, ['too late'])
    // Only now, so that the end that was there at the start is fetched together with what came later.
    await writer.end(true)
    await job.done
    expect(value.calls).toEqual(['open', 'prepare a', 'decode a', 'prepare b', 'decode b'])
  })

  it('end the attempt, whatever is done with bad records, if decoding fails for no fault of the record', async () => {
    const topic = await topics.create()
    await topics.append(topic, ['a'])
    let down = 1
    const decode: typeof text.decode = (bytes) => {
      if (down-- > 0) throw new RetriableError('DOWN', 'by the test')
      return text.decode(bytes)
    }
    const records: StreamRecord<string>[] = []
    const source = () =>
      kafkaSource(topics.cluster, { topic, value: { ...text, decode }, until: 'latest', onError: 'skip' })
    const job = run(collect(topics.name('job'), source, records), { restart: fixedDelay({ attempts: 1, delay: 10 }) })
    await job.done
    expect(records.map(({ value }) => value)).toEqual(['a'])
    expect(job.seen.find(({ type }) => type === 'restarting')).toMatchObject({
      error: { code: 'DOWN', where: { topic, partition: 0, offset: 0 } },
    })
  })

  const order = z.object({ id: z.string(), price: z.number() })

  it('of values and keys: validated JSON in, MessagePack and the numbers of keyBy out', async () => {
    const [topic, sinkTopic] = [await topics.create(), await topics.create()]
    await topics.append(topic, [{ key: '7', value: '{"id":"a","price":1.5}' }])
    const value = messagePack<{ id: string; at: Date }>()
    await runToEnd(
      defineJob(topics.name('job'), ({ from }) =>
        from(
          kafkaSource(topics.cluster, { topic, value: order, key: z.number(), until: 'latest' }),
          noWatermarks(),
        ).pipe(
          map(({ id, price }) => ({ id, at: new Date(price * 1000) })),
          to(kafkaSink(topics.cluster, { topic: sinkTopic, value })),
        ),
      ),
    )
    const records: StreamRecord<unknown>[] = []
    const written = () => kafkaSource(topics.cluster, { topic: sinkTopic, value, key: text, until: 'latest' })
    await runToEnd(collect(topics.name('job'), written, records))
    expect(records).toMatchObject([{ key: '7', value: { id: 'a', at: new Date(1500) } }])
  })

  it('that do not fit name place and type of what is wrong, and no value', async () => {
    const topic = await topics.create()
    await topics.append(topic, ['{"id":"a","price":"4111 1111"}'])
    const source = () => kafkaSource(topics.cluster, { topic, value: order })
    const error = await failure(run(collect(topics.name('job'), source, [])))
    expect(error).toMatchObject({ code: 'DECODE_FAILED', badRecord: true, where: { topic, partition: 0, offset: 0 } })
    expect(error.message).toContain('the record cannot be decoded: at .price: expected number, got string')
    expect(error.message).not.toContain('4111')
  })
})
