/**
 * Secrets planted in credentials, keys, values and headers must not appear in any error, event or
 * output.
 */
import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'
import { crc32c } from '@node-rs/crc32'
import * as t from 'io-ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { embeddedSink } from '../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../src/embedded/embeddedSource.ts'
import { deadLetterJson } from '../src/job/badRecords/deadLetterJson.ts'
import { defineJob } from '../src/job/defineJob.ts'
import { compressionCode } from '../src/kafka/batch/compression.ts'
import { kafkaCluster } from '../src/kafka/cluster.ts'
import { kafkaSource } from '../src/kafka/source/kafkaSource.ts'
import { recordEmitter } from '../src/kafka/source/recordEmitter.ts'
import { memorySource } from '../src/memory/memorySource.ts'
import { keyBy } from '../src/operators/keyBy.ts'
import { scan } from '../src/operators/scan.ts'
import { to } from '../src/operators/to.ts'
import type { Codec } from '../src/serde/codec.ts'
import { json } from '../src/serde/json.ts'
import { messagePack } from '../src/serde/messagePack.ts'
import { nullable } from '../src/serde/nullable.ts'
import { text } from '../src/serde/text.ts'
import { memorySink } from '../src/sinks/memorySink.ts'
import { temporaryLog } from './embedded/temporaryLog.ts'
import { start, untilEnd } from './job/running.ts'
import { built, place } from './kafka/batch/plainRecords.ts'
import { fakeBroker } from './kafka/fakeBroker.ts'
import { testCertificate } from './kafka/testCertificate.ts'

/** In the alphabet of base64 and of JSON, so that no encoding hides it but those that are searched for. */
const secret = 'hunter2SECRET4711'
const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').slice(2, -4)]

const output: string[] = []
for (const stream of [process.stdout, process.stderr]) {
  vi.spyOn(stream, 'write').mockImplementation((chunk) => output.push(String(chunk)) > 0)
}
for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
  vi.spyOn(console, method).mockImplementation((...all) => void output.push(all.map((one) => inspect(one)).join(' ')))
}

/** Errors and events, with everything that hangs on them, and what was printed meanwhile. */
function searched(...found: readonly unknown[]): void {
  expect(found.length).toBeGreaterThan(0)
  const shown = [...output, ...found.map(everything)].join('\n')
  for (const form of forms) expect(shown).not.toContain(form)
}

function everything(thing: unknown): string {
  const parts = [inspect(thing, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null })]
  for (let error = thing; error instanceof Error; error = error.cause)
    parts.push(error.message, error.stack ?? '', JSON.stringify(error))
  return parts.join('\n')
}

const rejection = (act: () => unknown): Promise<unknown> =>
  (async () => act())().then(
    () => expect.unreachable('nothing failed'),
    (error: unknown) => error,
  )

afterEach(() => void output.splice(0))

describe('a secret is not shown', () => {
  it('by a cluster whose configuration is wrong', async () => {
    const sasl = { mechanism: 'plain', username: secret, password: secret }
    for (const config of [
      { brokers: [`${secret}`], sasl },
      { brokers: ['a:1'], ssl: secret },
      { brokers: ['a:1'], sasl: { ...sasl, mechanism: '' } },
      { brokers: ['a:1'], password: secret, sasl },
      { brokers: ['a:1'], sasl, requestTimeout: -1 },
    ])
      searched(await rejection(() => kafkaCluster(config as never)))
  })

  it('by a broker that cannot be reached, refuses the login, or breaks off', async () => {
    const broker = await fakeBroker()
    const sasl = { mechanism: 'plain', username: 'me', password: secret } as const
    const connect = (brokers: string[], more: object = {}) =>
      kafkaCluster({ brokers, sasl, connectionTimeout: 300, requestTimeout: 300, ...more }).connect('test')
    searched(await rejection(() => connect(['127.0.0.1:1'])))
    for (const act of ['silent', 'garbage', 'hang up'] as const) {
      broker.onRequest = ({ answer, socket }) => {
        if (act === 'garbage') answer((writer) => writer.int16(58))
        if (act === 'hang up') socket.destroy()
      }
      searched(await rejection(() => connect([broker.address])))
    }
    searched(
      await rejection(() =>
        connect([broker.address], { ssl: { key: `-----BEGIN PRIVATE KEY-----\n${secret}`, cert: secret } }),
      ),
    )
    searched(await rejection(() => connect([broker.address], { ssl: { ...testCertificate, passphrase: secret } })))
    await broker.close()
  })

  const codecs: Readonly<Record<string, Codec<unknown>>> = {
    json: json(),
    'json with bigints': json({ bigints: true }),
    'json with zod': z.object({ id: z.number(), name: z.string().max(3), kind: z.enum(['a', 'b']) }) as never,
    'json with io-ts': t.type({ id: t.number, name: t.literal('x') }) as never,
    messagePack: messagePack(),
    'messagePack with zod': messagePack(z.object({ id: z.number() })) as never,
    text: text as never,
    nullable: nullable(json(z.number())) as never,
    deadLetterJson: deadLetterJson as never,
  }
  const values: readonly (Buffer | null)[] = [
    ...[
      `{"id":"${secret}`,
      `{"name":${secret}}`,
      `["${secret}"]`,
      secret,
      `{"id":"${secret}","name":"${secret}","kind":"${secret}"}`,
    ],
    ...[`{"${secret}":9007199254740993}`, `{"id":1e999,"a":"${secret}"}`],
  ].map((one) => Buffer.from(one))

  it.each(Object.keys(codecs))('by a record that cannot be decoded: %s', async (name) => {
    const codec = codecs[name] as Codec<unknown>
    const broken = [...values, Buffer.concat([Buffer.from([0xff, 0xc1]), Buffer.from(secret)]), null]
    const log = await temporaryLog()
    const headers = [{ name: 'h', value: Buffer.from(secret) }]
    // A topic each: of several bad records only the first is told in full.
    for (const [at, value] of broken.entries()) {
      log.createTopic(`in-${at}`, { partitions: 1 })
      await log.append(`in-${at}`, [{ key: secret, value: value as never, headers }])
      for (const onError of ['skip', 'fail'] as const) {
        const source = embeddedSource(log, { topic: `in-${at}`, value: codec, until: 'latest' })
        const job = defineJob('secrets', ({ from }) => from(source).pipe(to(memorySink())), { onError })
        const running = start(job)
        const end = await untilEnd(running).catch((error: unknown) => error)
        searched(...running.events, end)
      }
    }
  })

  it('by a value, key or state that cannot be written', async () => {
    const log = await temporaryLog()
    log.createTopic('out', { partitions: 1 })
    const odd = [{ name: secret, n: Number.NaN }, { at: new Map([[secret, secret]]) }, [undefined, secret], secret]
    for (const value of odd) {
      for (const [codec, key] of [
        [json(), secret],
        [messagePack(), secret],
        [text as never, secret],
        [json(), { secret }],
        [json(z.number()) as never, secret],
      ] as const) {
        const source = memorySource({ partitions: [[value]], key: () => key })
        const job = defineJob('secrets', ({ from }) =>
          from(source).pipe(to(embeddedSink(log, { topic: 'out', value: codec as Codec<unknown> }))),
        )
        const running = start(job)
        const end = await untilEnd(running).catch((error: unknown) => error)
        if (end instanceof Error) searched(end, ...running.events)
      }
    }
    const kept = defineJob('secrets', ({ from }) =>
      from(memorySource([secret])).pipe(
        keyBy((value) => value),
        scan<string, unknown, string>(() => new Map([[secret, secret]]), null, { id: 's' }),
        to(memorySink()),
      ),
    )
    const running = start(kept)
    searched(await rejection(() => untilEnd(running)), ...running.events)
  })

  it('by a batch that cannot be decompressed', () => {
    const plain = { timestamp: 1, key: Buffer.from(secret), value: Buffer.from(secret), headers: [] }
    const found: unknown[] = []
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      const batch = Buffer.concat([built([plain]).subarray(0, 61), Buffer.from(secret)])
      batch.writeInt16BE(compressionCode(compression), 21)
      batch.writeInt32BE(batch.length - 12, 8)
      batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
      const fetched = { ...place, records: batch, abortedTransactions: [] } as never
      recordEmitter({ value: text, source: 's' })(
        { split: { split: place, position: 0, bound: Infinity }, fetched },
        () => undefined,
        (record, error) => found.push(record, error),
      )
    }
    expect(found).toHaveLength(8)
    searched(...found)
  })

  it('by options that are wrong', async () => {
    const cluster = kafkaCluster({ brokers: ['a:1'] })
    searched(await rejection(() => kafkaSource(cluster, { topic: 't', value: secret } as never)))
    searched(await rejection(() => kafkaSource(cluster, { topic: 't', value: text, passwort: secret } as never)))
  })
})
