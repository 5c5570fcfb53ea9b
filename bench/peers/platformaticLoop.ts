/**
 * Consume, upper-case, produce in a transaction with the offsets, commit every interval: with @platformatic/kafka's consumer stream and producer.
 *
 * A transaction begins while the markers of the last are still being written, and is refused until they are. By default the client then waits for a
 * quarter of a second; 5 ms make it several times as fast where commits are frequent.
 */
import {
  Consumer,
  type Message,
  type MessagesStream,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { fail, given } from './settings.ts'

type Line = Message<string, string, string, string>
type Transaction = Awaited<ReturnType<typeof producer.beginTransaction>>

const { brokerList: bootstrapBrokers, source, sink, id, interval, compression } = given()
/** A send is one batch a partition, which must stay below max.message.bytes; of 128 to 512 KiB these were the fastest. */
const sendBytes = 256 * 1024
const client = { clientId: id, bootstrapBrokers, retryDelay: 5, retries: 1_000 }

const consumer = new Consumer({
  ...{ ...client, groupId: id, deserializers: stringDeserializers, autocommit: false },
  ...{ maxBytes: 8 * 1024 * 1024, maxWaitTime: Math.min(100, interval), isolationLevel: 1, highWaterMark: 10_000 },
})
const producer = new Producer({
  ...client,
  transactionalId: id,
  idempotent: true,
  serializers: stringSerializers,
  compression,
})

let transaction: Transaction | null = null
let due = 0
let waiting: Line[] = []
let bytes = 0
/** The last of each partition that has been sent. */
const sent = new Map<number, Line>()
let working = false

async function send(lines: readonly Line[]): Promise<void> {
  if (transaction === null) {
    transaction = await producer.beginTransaction()
    due = performance.now() + interval
  }
  const messages = lines.map(({ partition, value, timestamp }) => {
    return { topic: sink, partition, timestamp, value: value.toUpperCase() }
  })
  await transaction.send({ messages })
  for (const line of lines) sent.set(line.partition, line)
}

async function commit(ending: Transaction): Promise<void> {
  await ending.addConsumer(consumer)
  for (const line of sent.values()) await ending.addOffset(line)
  await ending.commit()
  transaction = null
  sent.clear()
}

/** Sends what waits, again and again, and commits when it is time; meanwhile the next records come in. */
async function work(stream: MessagesStream<string, string, string, string>): Promise<void> {
  if (working) return
  working = true
  while (waiting.length > 0 || (transaction !== null && performance.now() >= due)) {
    if (waiting.length > 0) {
      const lines = waiting
      waiting = []
      bytes = 0
      if (stream.isPaused()) stream.resume()
      await send(lines)
    }
    if (transaction !== null && performance.now() >= due) await commit(transaction)
  }
  working = false
}

const stream = await consumer.consume({
  topics: [source],
  mode: MessagesStreamModes.COMMITTED,
  fallbackMode: MessagesStreamFallbackModes.EARLIEST,
})
stream.on('error', fail)
stream.on('data', (line: Line) => {
  waiting.push(line)
  bytes += line.value.length + 20
  if (bytes >= sendBytes) stream.pause()
  if (!working) setImmediate(() => work(stream).catch(fail))
})
// The last transaction is committed when its time has come, although nothing more is read.
setInterval(() => work(stream).catch(fail), Math.max(1, interval / 4))
process.once('SIGTERM', () => process.exit(0))
