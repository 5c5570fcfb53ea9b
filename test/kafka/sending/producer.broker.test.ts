import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { type Leaders, leaders } from '../../../src/kafka/nodes/leaders.ts'
import { type Producer, producer } from '../../../src/kafka/sending/producer.ts'
import { eventually } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { rawBatches } from '../rawBatches.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('a transactional producer on a real broker', { timeout: 20_000 }, () => {
  const attempt = { clock: systemClock, signal: new AbortController().signal }
  let topics: Topics
  let topic: string
  let connections: Connections
  let known: Leaders

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  beforeEach(async () => {
    topic = await topics.create()
    connections = await topics.cluster.connect('test')
    known = leaders(attempt, connections)
  })

  afterEach(() => connections.close())
  afterAll(() => topics.close())

  const made = (transactionalId: string | null): Producer =>
    producer(attempt, connections, known, { transactionalId, transactionTimeout: 60_000, acks: -1 })

  async function send(to: Producer, value: string): Promise<void> {
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(Date.now(), null, Buffer.from(value), [])
    await to.send([{ topic, partition: 0, builder }])
  }

  const stable = async () => (await topicEnds(brokers, topic, 'read_committed'))[0]

  it('abandons what it has open, and may go on after init', async () => {
    const one = made(randomUUID())
    await one.init()
    await send(one, 'dropped')
    expect(await stable()).toBe(0)
    await one.abandon()
    await eventually(async () => (await stable()) === 2)
    await one.init()
    await send(one, 'kept')
    await one.commit()
    await eventually(async () => (await stable()) === 4)
  })

  it('abandons nothing of a newer producer with its id: what that one has open is committed', async () => {
    const id = randomUUID()
    const [old, heir] = [made(id), made(id)]
    await old.init()
    await send(old, 'dropped')
    await heir.init()
    await send(heir, 'kept')
    await expect(old.abandon()).rejects.toMatchObject({ consequence: 'fenced' })
    await heir.commit()
    await eventually(async () => (await stable()) === 4)
    await send(heir, 'also kept')
    await heir.commit()
  })

  it('abandons what is still on its way: it comes too late, and opens nothing', async () => {
    const one = made(randomUUID())
    await one.init()
    await send(one, 'dropped')
    const late = send(one, 'late').catch((error) => error)
    await one.abandon()
    await late
    await eventually(async () => (await stable()) === (await topicEnds(brokers, topic, 'read_uncommitted'))[0])
    const heir = made(randomUUID())
    await heir.init()
    await send(heir, 'after')
    await heir.commit()
    await eventually(async () => (await stable()) === (await topicEnds(brokers, topic, 'read_uncommitted'))[0])
  })

  it('numbers its batches over the epochs of many transactions, and outside of any', async () => {
    const one = made(randomUUID())
    await one.init()
    for (let turn = 0; turn < 5; turn++) {
      await send(one, `${turn} a`)
      await send(one, `${turn} b`)
      await one.commit()
    }
    const plain = made(null)
    await plain.init()
    await send(plain, 'c')
    await send(plain, 'd')
    await eventually(async () => (await rawBatches(topics.cluster, topic)).length === 12)
  })
})
