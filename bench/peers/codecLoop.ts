/**
 * What the job could be at best: our codec over the same connections (kafkajs's), the same transactions with the offsets in them, two ids in turn,
 * and a loop in place of RxJS, checkpoints and snapshots. It fetches ahead, encodes while a round is on its way, and commits while it goes on.
 */

import { systemClock } from '../../src/clock.ts'
import { type BatchBuilder, createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import { endOfBatches, largestIn, readBatches } from '../../src/kafka/batch/readBatches.ts'
import { spareBuffers } from '../../src/kafka/batch/spareBuffers.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { leaders as leadersOf } from '../../src/kafka/nodes/leaders.ts'
import { type FetchedPartition, fetch } from '../../src/kafka/protocol/fetch.ts'
import { aboutInBatches } from '../../src/kafka/reading/requestSizes.ts'
import { type Parcel, type Producer, producer } from '../../src/kafka/sending/producer.ts'
import { shortcutsOf } from '../../src/serde/shortcuts.ts'
import { text } from '../../src/serde/text.ts'
import { valueEncoder } from '../../src/sinks/valueEncoder.ts'
import { fail, given } from './settings.ts'

const { brokerList: brokers, source, sink, id, interval, compression } = given()
const limits = { maxWait: Math.min(500, interval), minBytes: 1 }
/** Of one partition; in whole batches, as the fetcher of the job asks for them. */
let partitionBytes = 512 * 1024
const batchBytes = 512 * 1024
/** Chunks that may be on their way to the brokers or wait for it, so that one that is slow does not keep the next from being read. */
const queued = 8
const noHeaders: [] = []

const attempt = { clock: systemClock, signal: new AbortController().signal }
const cluster = kafkaCluster({ brokers, clientId: id })
const reading = await cluster.connect('fetch')
const writing = await cluster.connect('transactions')
const leaders = leadersOf(attempt, writing)
const { topicId, partitions } = await leaders.topic(source)
await leaders.topic(sink)
const buffers = spareBuffers(16 * 1024 * 1024)
const encode = valueEncoder(text)
const decodeAt = shortcutsOf(text).decodeAt as NonNullable<ReturnType<typeof shortcutsOf<string>>['decodeAt']>

/** The next offset of each partition: to fetch, and to commit. */
const fetchOffsets = partitions.map(() => 0)
const positions = partitions.map(() => 0)
let first = 0

/** Each time another partition first: a broker fills its answer in the order of the request. */
function fetchMore(): Promise<readonly FetchedPartition[]> {
  first = (first + 1) % partitions.length
  const wanted = partitions.map((_, at) => {
    const partition = (at + first) % partitions.length
    return { topic: source, topicId, partition, offset: fetchOffsets[partition] as number, maxBytes: partitionBytes }
  })
  const maxBytes = 2 * partitionBytes
  return reading.call(leaders.leader(source, 0), fetch, { ...limits, maxBytes, partitions: wanted })
}

const open = new Map<number, BatchBuilder>()
let full: Parcel[] = []

function newBatch(partition: number): BatchBuilder {
  const builder = createBatchBuilder({ compression, limit: batchBytes, buffer: buffers.take() })
  open.set(partition, builder)
  return builder
}

function close(partition: number, builder: BatchBuilder): void {
  full.push({ topic: sink, partition, builder })
  open.delete(partition)
}

function transform(fetched: FetchedPartition): void {
  const { partition } = fetched
  const from = positions[partition] as number
  let builder = open.get(partition) ?? newBatch(partition)
  for (const batch of readBatches(fetched.records, fetched)) {
    batch.records((record) => {
      if (record.offset < from) return
      const { bytes, valueAt, valueLength, timestamp } = record
      const value = encode(decodeAt(bytes, valueAt, valueAt + valueLength).toUpperCase())
      if (!builder.fits(null, value, noHeaders)) {
        close(partition, builder)
        builder = newBatch(partition)
      }
      builder.append(timestamp, null, value, noHeaders)
    })
  }
  positions[partition] = fetchOffsets[partition] as number
}

/** Rounds of at most one batch a partition, one after the other. */
async function send(using: Producer, batches: Parcel[]): Promise<void> {
  let left = batches
  while (left.length > 0) {
    const round = new Map<number, Parcel>()
    const later: Parcel[] = []
    for (const parcel of left) {
      if (round.has(parcel.partition)) later.push(parcel)
      else round.set(parcel.partition, parcel)
    }
    await using.send([...round.values()])
    for (const { builder } of round.values()) buffers.keep(builder.buffer)
    left = later
  }
}

async function commit(using: Producer, offsets: readonly number[]): Promise<void> {
  const splits = offsets.map((offset, partition) => ({ topic: source, partition, offset }))
  await using.commitOffsets(id, { source: 'loop', splits })
  await using.commit()
}

const ids = [0, 1].map((turn) =>
  producer(attempt, writing, leaders, { transactionalId: `${id}/${turn}`, transactionTimeout: 60_000, acks: -1 }),
) as [Producer, Producer]
for (const one of ids) await one.init()

let stopping = false
process.once('SIGTERM', () => {
  stopping = true
})

async function run(): Promise<void> {
  let [using, other] = ids
  /** Of the transaction that the other id has. */
  let committing: Promise<void> = Promise.resolve()
  let sending: Promise<void> = Promise.resolve()
  let sends = 0
  let written = false
  let due = performance.now() + interval
  let next = fetchMore()

  /** What is full; what is not full goes too where nothing is on its way, or must. */
  function sendMore(all: boolean): void {
    if (all || sends === 0) for (const [partition, builder] of open) if (builder.count > 0) close(partition, builder)
    if (full.length === 0) return
    const [batches, now] = [full, using]
    full = []
    written = true
    sends += 1
    sending = sending
      .then(() => send(now, batches))
      .then(() => {
        sends -= 1
        if (sends === 0) sendMore(false)
      })
    sending.catch(fail)
  }

  while (!stopping) {
    const answer = (await next).filter(({ errorCode, partition, records }) => {
      if (errorCode !== 0) throw new Error(`fetch of partition ${partition}: error ${errorCode}`)
      const end = endOfBatches(records)
      if (end !== null) fetchOffsets[partition] = end
      const size = largestIn(records)
      if (size > 0) partitionBytes = aboutInBatches(512 * 1024, size)
      return end !== null
    })
    next = fetchMore()
    for (const fetched of answer) transform(fetched)
    const isDue = performance.now() >= due
    sendMore(isDue)
    if (sends >= queued) await sending
    if (!isDue) continue
    due = performance.now() + interval
    if (!written) continue
    written = false
    await sending
    await committing
    committing = commit(using, [...positions])
    committing.catch(fail)
    ;[using, other] = [other, using]
  }
  await sending
  await committing
}

await run().catch(fail)
process.exit(0)
