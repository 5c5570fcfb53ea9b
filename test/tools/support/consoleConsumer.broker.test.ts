import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel, type Transaction } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readCommitted } from '../../../examples/demo/readCommitted.ts'
import { consoleConsume, oracleAvailable } from '../../../tools/support/consoleConsumer.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())

describe.skipIf(!possible)('the console consumer', () => {
  const topic = `oracle-${randomUUID().slice(0, 8)}`
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
  let admin: Admin

  beforeAll(async () => {
    admin = kafka.admin()
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: -1 }], waitForLeaders: true })
    await (await write('first', [0, 1])).commit()
    await (await write('aborted', [0, 1])).abort()
    await (await write('second', [0])).commit()
  })

  afterAll(async () => {
    await admin.deleteTopics({ topics: [topic] })
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })

  async function write(value: string, partitions: readonly number[]): Promise<Transaction> {
    const transaction = await producer.transaction()
    const messages = partitions.map((partition) => ({ partition, value }))
    await transaction.send({ topic, acks: -1, messages })
    return transaction
  }

  const committed = [
    { partition: 0, value: 'first' },
    { partition: 0, value: 'second' },
    { partition: 1, value: 'first' },
  ]

  it('sees what is committed, and no more, to the end of every partition', async () => {
    expect(await consoleConsume(brokers, topic)).toMatchObject(committed)
    expect(await consoleConsume(brokers, topic, { isolation: 'read_uncommitted' })).toHaveLength(5)
  })

  it('agrees with the reader of the demonstration', async () => {
    expect(await readCommitted(brokers, topic)).toEqual(committed)
  })

  it('shows keys, headers, nulls and line breaks as they are', async () => {
    const own = `${topic}-odd`
    await admin.createTopics({
      topics: [{ topic: own, numPartitions: 1, replicationFactor: -1 }],
      waitForLeaders: true,
    })
    const odd = { key: 'a\tb', value: 'line\nline', timestamp: '1700000000000', headers: { one: 'x:y', two: '' } }
    const transaction = await producer.transaction()
    await transaction.send({ topic: own, acks: -1, messages: [odd, { key: null, value: null }] })
    await transaction.commit()
    const [first, second] = await consoleConsume(brokers, own)
    const headers = [
      ['one', 'x:y'],
      ['two', ''],
    ]
    expect(first).toEqual({ ...odd, partition: 0, offset: 0, timestamp: 1_700_000_000_000, headers })
    expect(second).toMatchObject({ offset: 1, key: null, value: null, headers: [] })
    await admin.deleteTopics({ topics: [own] })
  })

  it('with a transaction open, reads up to it when asked to, and otherwise says what hides the end', async () => {
    const open = await write('open', [0])
    expect(await consoleConsume(brokers, topic, { upTo: 'decided' })).toMatchObject(committed)
    await expect(consoleConsume(brokers, topic, { timeout: 5_000 })).rejects.toThrow(
      /partition 0 at 6 of 7. Is a transaction open/,
    )
    await open.abort()
    expect(await consoleConsume(brokers, topic)).toMatchObject(committed)
  })

  it('a topic that is not there is an error', async () => {
    await expect(consoleConsume(brokers, `${topic}-missing`)).rejects.toThrow(/there is no topic/)
  })
})
