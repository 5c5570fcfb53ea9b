/**
 * Writes the records of one Kafka sink into lanes: topic and partition are chosen once, and the
 * record is encoded at once.
 *
 * That needs the number of partitions. The first record of a new topic waits for the cluster's
 * answer, and so do all later elements, barriers included, which keeps the order.
 *
 * Some records are refused after they were accepted: their topic turns out to be missing, or a
 * broker refuses the content of a batch. By then only the written form of the record and its place
 * are left, so value and key are decoded again.
 */
import type { AttemptContext } from '../../attempt.ts'
import { markerRecord } from '../../contracts/marker.ts'
import type { RepartitionWriter } from '../../contracts/repartition.ts'
import type { Json, OperatorId, StreamRecord } from '../../record.ts'
import type { WithSerdes } from '../../serde/recordSerdes.ts'
import type { Serde } from '../../serde/serde.ts'
import { encodeKey } from '../../sinks/encodeKey.ts'
import { byKey } from '../../sinks/partitioner.ts'
import {
  badHeaders,
  badTopicName,
  noPartition,
  noTimestamp,
  refusedLate,
  tooLarge,
  topicRefused,
} from '../../sinks/refusedBySink.ts'
import { valueEncoder } from '../../sinks/valueEncoder.ts'
import { writtenTimestamp } from '../../sinks/writtenTimestamp.ts'
import { type BatchBuilder, createBatchBuilder, largestBatch } from '../batch/batchBuilder.ts'
import type { BatchLimits } from '../sending/outbox.ts'
import type { RefusedRecord } from '../sending/salvage.ts'
import type { KafkaSession } from '../sessions/session.ts'
import type { KafkaSinkOptions } from './kafkaSinkOptions.ts'
import { sinkTopics, type Target } from './sinkTopics.ts'
import { isTopicName } from './topicName.ts'
import { waitingLine } from './waitingLine.ts'

/** Bytes for which a record holds one more credit, so that large records cannot fill the memory. */
const creditBytes = 4096

/**
 * How long a topic named by single records may stay missing, ms: all later records wait meanwhile.
 */
const settling = 3_000

export type KafkaWriterOptions<T> = WithSerdes<KafkaSinkOptions<T>, T> & {
  readonly operator: OperatorId
  /** True for a topic owned by the job: its partitions are fixed, and timestamps stay unchanged. */
  readonly repartition?: boolean
}

export async function kafkaWriter<T>(
  attempt: AttemptContext,
  session: KafkaSession,
  options: KafkaWriterOptions<T>,
): Promise<RepartitionWriter<T>> {
  const { partitioner = byKey, compression = 'none', operator, repartition = false } = options
  const encode = valueEncoder(options.value)
  const part = session.enlist(attempt.meter)
  const timestampOf = repartition
    ? ({ timestamp }: StreamRecord<unknown>) => timestamp
    : writtenTimestamp(options.timestamps ?? 'event', attempt.clock)
  const limits = (sureBytes: number): BatchLimits => limitsFor(options, sureBytes)
  const topics = sinkTopics(attempt, session, part, { operator, compression, limits, growing: !repartition })
  const topicOf = typeof options.topic === 'string' ? () => options.topic as string : options.topic
  /** Topics with a pending question to the cluster. */
  const asked = new Set<string>()
  const line = waitingLine()
  /** Target of the previous record, usually that of the next one too. */
  let last: Target | undefined
  let refuse = (_: StreamRecord<unknown>, thrown: unknown, _sealed: number): void => attempt.fail(thrown)
  let sealed = 0
  part.onRefused((record, sealedBefore) => {
    refuse(asRead(record, options), refusedLate(record, operator, record.topic), sealedBefore)
  })
  if (typeof options.topic === 'string') await open(options.topic)

  async function open(topic: string): Promise<void> {
    await topics.learn(topic)
    const found = topics.find(topic)
    if (found !== undefined && 'refused' in found) throw found.refused
  }

  function put(record: StreamRecord<T>, target: Target): void {
    const { lanes, maxBytes, sureBytes } = target
    const key = encodeKey(options.key, record, operator)
    const lane = lanes[partitioner(record as StreamRecord<unknown>, lanes.length, key)]
    if (lane === undefined) throw noPartition(record, operator, target.topic, lanes.length)
    const value = encode(record.value)
    const headers = options.headers?.(record) ?? record.headers
    const given = timestampOf(record)
    const timestamp = Number.isSafeInteger(given) ? given : whole(given, record)
    if (timestamp < target.lowest) throw noTimestamp(record, operator, timestamp)
    if (headers.length !== 0) checkHeaders(record, headers)
    let size = largestBatch(key, value, headers)
    if (size > creditBytes || size > sureBytes) size = largestBatch(key, value, headers, true)
    if (size > sureBytes) {
      const sent = compression === 'none' ? size : compressedSize(timestamp, key, value, headers)
      if (sent > maxBytes) throw tooLarge(record, operator, target.topic, sent, maxBytes)
    }
    const more = Math.floor(size / creditBytes)
    attempt.credits.take(1 + more)
    if (timestamp < target.oldest) target.old += 1
    lane.append(timestamp, key, value, headers, 1 + more, record)
  }

  /**
   * Event time may have fractions of ms; Kafka's has none. A function of its own, since V8 would
   * box the result for each record.
   */
  function whole(timestamp: number, record: StreamRecord<T>): number {
    const ms = Math.floor(timestamp)
    if (!Number.isSafeInteger(ms)) throw noTimestamp(record, operator, ms)
    return ms
  }

  /**
   * Such a record fills a batch of its own, so it is compressed twice: there is no earlier way to
   * know its size.
   */
  function compressedSize(timestamp: number, ...[key, value, headers]: Parameters<BatchBuilder['fits']>): number {
    const alone = createBatchBuilder({ compression })
    alone.append(timestamp, key, value, headers)
    return alone.finish({ producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }).length
  }

  /**
   * Functions of the user may return anything, whatever their types, and half a record would spoil
   * its batch.
   */
  function checkHeaders(record: StreamRecord<T>, headers: StreamRecord<T>['headers']): void {
    if (!Array.isArray(headers)) throw badHeaders(record, operator)
    for (const header of headers) {
      const named = typeof header?.name === 'string' && header.name.isWellFormed()
      const fine = named && (header.value === null || header.value instanceof Uint8Array)
      if (!fine) throw badHeaders(record, operator)
    }
  }

  /** Undefined if the topic is not known yet. Throws if it cannot be written to. */
  function targetOf(record: StreamRecord<T>, topic: string): Target | undefined {
    const found = topics.find(topic)
    if (found === undefined && !isTopicName(topic)) throw badTopicName(record, operator, topic)
    if (found !== undefined && 'refused' in found) throw topicRefused(record, operator, topic, found.refused)
    return found
  }

  function write(record: StreamRecord<T>, topic: string): boolean {
    const target = last !== undefined && topic === last.topic ? last : targetOf(record, topic)
    if (target === undefined) return false
    last = target
    put(record, target)
    return true
  }

  /** True if the topic is known; otherwise asks the cluster. */
  function isKnown(topic: unknown): boolean {
    if (typeof topic !== 'string' || topics.find(topic) !== undefined || !isTopicName(topic)) return true
    if (asked.has(topic)) return false
    asked.add(topic)
    topics
      .learn(topic, settling)
      .finally(() => asked.delete(topic))
      .then(advance)
      .catch(attempt.fail)
    return false
  }

  function advance(): void {
    try {
      line.advance()
    } catch (error) {
      attempt.fail(error)
    }
  }

  /** Later, `write` can no longer throw to a caller. */
  function hold(record: StreamRecord<T>, topic: string): void {
    attempt.credits.take()
    // Asks now, so that the topics of all waiting records are requested concurrently.
    isKnown(topic)
    line.add(
      () => isKnown(topic),
      () => {
        attempt.credits.give()
        try {
          write(record, topic)
        } catch (thrown) {
          refuse(record, thrown, sealed)
        }
      },
    )
  }

  function inOrder(act: () => void): void {
    if (line.isEmpty) act()
    else line.add(() => true, act)
  }

  return {
    write(record) {
      const topic = topicOf(record)
      if (!line.isEmpty || !write(record, topic)) hold(record, topic)
    },
    late: {
      onRefused(listener) {
        refuse = listener
      },
      whenKnown: (then) => inOrder(() => part.settle(then)),
    },
    mark(time) {
      const target = topics.find(options.topic as string) as Target
      const { timestamp, key, value, headers } = markerRecord(attempt, time)
      inOrder(() => {
        attempt.credits.take(target.lanes.length)
        for (const [partition, lane] of target.lanes.entries()) {
          const origin = { split: { topic: target.topic, partition }, offset: -1 }
          lane.append(timestamp, key, value, headers, 1, origin)
        }
      })
    },
    async prepare(): Promise<Json> {
      topics.barrier()
      await new Promise<void>((resolve, reject) => {
        inOrder(() => {
          sealed += 1
          part.seal().then(resolve, reject)
        })
      })
      return null
    },
    close: async () => undefined,
  }
}

function limitsFor<T>(options: KafkaSinkOptions<T> | KafkaWriterOptions<T>, sureBytes: number): BatchLimits {
  const { batchBytes = 512 * 1024, linger = 0, compression = 'none' } = options
  return { batchBytes: Math.min(batchBytes, sureBytes), linger, compression }
}

/** Record as it was given to the sink, as far as it can be decoded; otherwise with the bytes. */
function asRead<T>(record: RefusedRecord, { value, key }: Pick<KafkaWriterOptions<T>, 'value' | 'key'>) {
  const { timestamp, headers, split, offset } = record
  const read = { timestamp, headers, split, offset }
  return { kind: 'record' as const, ...read, value: decoded(value, record.value), key: decoded(key, record.key) }
}

function decoded(serde: Serde<unknown> | undefined, bytes: Buffer | null): unknown {
  try {
    return serde === undefined ? bytes : serde.decode(bytes)
  } catch {
    return bytes
  }
}
