/**
 * Consume, upper-case, produce in a transaction with the offsets, commit every interval: with kafkajs as it comes, tuned as well as we can.
 *
 * What counts is the size of a send: kafkajs groups the messages of one by partition in a time that is quadratic in their number, so sends are small,
 * though not so small that the round trips count: between 300 and 1,000 it makes no difference, and 1,000 of 1 KiB would be refused. Fetches are of 256 KiB. One send at a time, since a second one that overtakes a refused first would break the order.
 */
import { createRequire } from 'node:module'
import * as zlib from 'node:zlib'
import kafkajs, { type EachBatchPayload, type KafkaMessage, type Message, type Transaction } from 'kafkajs'
import { fail, given } from './settings.ts'

const { brokerList: brokers, source, sink, id, interval, compression } = given()
const { Kafka, logLevel, CompressionTypes, CompressionCodecs } = kafkajs
const type = compression === 'zstd' ? CompressionTypes.ZSTD : CompressionTypes.None
const perSend = 600

CompressionCodecs[CompressionTypes.ZSTD] = zstd

const kafka = new Kafka({ clientId: id, brokers, logLevel: logLevel.ERROR })
const consumer = kafka.consumer({
  groupId: id,
  maxBytesPerPartition: 256 * 1024,
  maxWaitTimeInMs: Math.min(100, interval),
})
const producer = kafka.producer({
  ...{ transactionalId: id, idempotent: true, maxInFlightRequests: 1 },
  createPartitioner:
    () =>
    ({ message }) =>
      message.partition as number,
})
const positions = new Map<number, string>()
let transaction: Transaction | null = null
/** When the transaction is to be committed. */
let due = 0
/** Batches and commits take turns. */
let last: Promise<unknown> = Promise.resolve()

function inTurn(act: () => Promise<void>): Promise<void> {
  const mine = last.then(act)
  last = mine.catch(fail)
  return mine
}

async function handle({ batch: { partition, messages }, heartbeat }: EachBatchPayload): Promise<void> {
  for (let at = 0; at < messages.length; at += perSend) {
    const some = messages.slice(at, at + perSend)
    if (transaction === null) {
      transaction = await producer.transaction()
      due = performance.now() + interval
    }
    await transaction.send({
      topic: sink,
      messages: some.map((message) => upper(partition, message)),
      compression: type,
    })
    positions.set(partition, String(BigInt((some.at(-1) as KafkaMessage).offset) + 1n))
    if (performance.now() >= due) await commit()
  }
  await heartbeat()
}

function upper(partition: number, { value, timestamp }: KafkaMessage): Message {
  return { partition, timestamp, value: (value as Buffer).toString().toUpperCase() }
}

async function commit(): Promise<void> {
  if (transaction === null) return
  const partitions = [...positions].map(([partition, offset]) => ({ partition, offset }))
  await transaction.sendOffsets({ consumerGroupId: id, topics: [{ topic: source, partitions }] })
  await transaction.commit()
  transaction = null
}

process.once('SIGTERM', () => {
  inTurn(commit).then(() => process.exit(0), fail)
})
await producer.connect()
await consumer.connect()
await consumer.subscribe({ topic: source, fromBeginning: true })
await consumer.run({ autoCommit: false, eachBatch: (payload) => inTurn(() => handle(payload)) })
// The last transaction is committed when its time has come, although nothing more is read.
setInterval(() => inTurn(async () => (performance.now() >= due ? commit() : undefined)), interval)

/** Node's own where it has one, else the package that rxweft uses too. */
function zstd() {
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as Record<string, typeof zlib.gunzipSync | undefined>
  if (zstdCompressSync !== undefined && zstdDecompressSync !== undefined) {
    return {
      compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
      decompress: async (bytes: Buffer) => zstdDecompressSync(bytes),
    }
  }
  const { Encoder, Decoder } = createRequire(import.meta.url)('@toondepauw/node-zstd')
  const [encoder, decoder] = [new Encoder(3), new Decoder()]
  return {
    compress: async ({ buffer }: { buffer: Buffer }) => encoder.encodeSync(buffer),
    decompress: async (bytes: Buffer) => decoder.decodeSync(bytes),
  }
}
