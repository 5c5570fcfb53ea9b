/** Addresses and certificates of a real broker that only some of those who try it can use. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import type { JavaBroker } from '../../../tools/broker/foundBroker.ts'
import { startJavaBroker } from '../../../tools/broker/javaBroker.ts'
import { consoleConsume } from '../../../tools/support/consoleConsumer.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { cancelAll, collect, copy, run } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { deadAddress } from '../fakeBroker.ts'
import { testCertificate } from '../testCertificate.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

/** A value of several lines in a properties file. */
const lines = (pem: string): string => pem.replaceAll('\n', '\\n')

describe.skipIf(!possible)('a broker', { timeout: 30_000 }, () => {
  let broker: JavaBroker
  let topics: Topics
  let nowhere: string

  beforeAll(async () => {
    nowhere = (await deadAddress()).replace('127.0.0.1', 'localhost')
    broker = await startJavaBroker({
      listeners: { SECURE: { protocol: 'SSL' }, AWAY: { protocol: 'PLAINTEXT', advertised: nowhere } },
      properties: {
        'listener.name.secure.ssl.keystore.type': 'PEM',
        'listener.name.secure.ssl.keystore.key': lines(testCertificate.key),
        'listener.name.secure.ssl.keystore.certificate.chain': lines(testCertificate.cert),
      },
    })
    topics = await testTopics(broker.brokers)
  }, 90_000)

  afterEach(cancelAll)

  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  it.each(['first', 'last'])(
    'whose certificate is not for this name, named %s, does not keep a job from running with another',
    async (place) => {
      const [source, sink] = [await topics.create(), await topics.create()]
      await topics.append(source, ['a', 'b'])
      const right = broker.addresses.SECURE as string
      const wrong = right.replace('localhost', '127.0.0.1')
      const brokers = place === 'first' ? [wrong, right] : [right, wrong]
      const cluster = kafkaCluster({ brokers, ssl: { ca: testCertificate.cert } })
      const job = copy(
        topics.name('job'),
        () => kafkaSource(cluster, { topic: source, value: text, until: 'latest' }),
        () => kafkaSink(cluster, { topic: sink, value: text }),
      )
      const started = run(job)
      expect(await started.done).toMatchObject({ outcome: 'finished' })
      expect(started.seen.filter(({ type }) => type === 'restarting')).toEqual([])
      expect((await consoleConsume(broker.brokers, sink)).map(({ value }) => value)).toEqual(['a', 'b'])
      expect(started.seen).toContainEqual(
        expect.objectContaining({
          type: 'broker-unusable',
          broker: wrong,
          error: expect.objectContaining({ code: 'TLS_FAILED' }),
        }),
      )
    },
  )

  it('whose advertised address cannot be reached is told of as that', async () => {
    const source = await topics.create()
    const records: StreamRecord<string>[] = []
    const cluster = kafkaCluster({ brokers: [broker.addresses.AWAY as string] })
    const started = run(
      collect(topics.name('job'), () => kafkaSource(cluster, { topic: source, value: text }), records),
    )
    const { broker: named, error } = await started.until('broker-unusable')
    expect(named).toBe(nowhere)
    expect(error.message).toContain(`The cluster advertises ${nowhere} as the address of its broker`)
    await started.cancel()
  })
})
