/**
 * Writes the records of one Kafka sink into lanes: topic and partition are chosen once, and the record is encoded at once.
 *
 * How many partitions a topic has must be known for that. The first record of a topic that has not been named before waits for the
 * cluster's answer, and everything behind it waits too, barriers included, so order holds.
 */
import type { AttemptContext, Json, OperatorId, StreamRecord } from '../element.ts'
import { FatalError } from '../errors.ts'
import { type BatchBuilder, createBatchBuilder, largestBatch } from '../kafka/batch/batchBuilder.ts'
import type { BatchLimits, Lane } from '../kafka/outbox.ts'
import type { KafkaSession } from '../kafka/session.ts'
import type { WithSerdes } from '../serde/recordSerdes.ts'
import { encodeKey } from './encodeKey.ts'
import type { KafkaSinkOptions } from './kafkaSink.ts'
import { byKey } from './partitioner.ts'
import type { SinkWriter } from './sink.ts'
import { valueEncoder } from './valueEncoder.ts'

/** A topic that records go to. */
interface Target {
  /** By partition. */
  readonly lanes: readonly Lane[]
  /** What a batch may have at most, bytes. */
  readonly maxBytes: number
  /** A batch of this size, bytes before compression, is never larger afterwards than the topic takes. */
  readonly sureBytes: number
}

/** A record holds one more credit for each so many bytes, so that large ones cannot fill the memory. */
const creditBytes = 4096

export async function kafkaWriter<T>(
  attempt: AttemptContext,
  session: KafkaSession,
  options: WithSerdes<KafkaSinkOptions<T>, T> & { readonly operator: OperatorId },
): Promise<SinkWriter<T>> {
  const { partitioner = byKey, compression = 'none', operator } = options
  const encode = valueEncoder(options.value)
  const part = session.enlist()
  const topics = new Map<string, Target>()
  const topicOf = typeof options.topic === 'string' ? () => options.topic as string : options.topic
  /** Those of the record before: mostly those of the next one, too. */
  let lastTopic: string | undefined
  let lastTarget: Target | undefined
  let refused = (_: StreamRecord<unknown>, thrown: unknown): void => attempt.fail(thrown)
  /** What waits for a topic, in order; null: nothing does. */
  let waiting: (() => void)[] | null = null
  if (typeof options.topic === 'string') await learn(options.topic)

  async function learn(topic: string): Promise<void> {
    const { partitions, maxMessageBytes } = await session.topic(topic)
    // What cannot be compressed gets larger.
    const sureBytes = compression === 'none' ? maxMessageBytes : Math.floor(maxMessageBytes * compressible)
    const limits = limitsFor(options, sureBytes)
    const lanes = Array.from({ length: partitions }, (_, partition) => part.lane(topic, partition, limits))
    topics.set(topic, { lanes, maxBytes: maxMessageBytes, sureBytes })
  }

  function write(record: StreamRecord<T>): void {
    const topic = topicOf(record)
    const target = topic === lastTopic ? lastTarget : topics.get(topic)
    if (target === undefined) return wait(topic, record)
    lastTopic = topic
    lastTarget = target
    const { lanes, maxBytes, sureBytes } = target
    const key = encodeKey(options.key, record, operator)
    const lane = lanes[partitioner(record as StreamRecord<unknown>, lanes.length, key)]
    if (lane === undefined) throw noPartition(record, operator, topic, lanes.length)
    const value = encode(record.value)
    const headers = options.headers?.(record) ?? record.headers
    let size = largestBatch(key, value, headers)
    if (size > creditBytes || size > sureBytes) size = largestBatch(key, value, headers, true)
    if (size > sureBytes) {
      const sent = compression === 'none' ? size : compressedSize(record, key, value, headers)
      if (sent > maxBytes) throw tooLarge(record, operator, topic, sent, maxBytes)
    }
    const more = Math.floor(size / creditBytes)
    attempt.credits.take(1 + more)
    lane.append(record.timestamp, key, value, headers, 1 + more)
  }

  /** Such a record fills a batch of its own, so it is compressed twice; but before it is sent nobody else could tell. */
  function compressedSize(
    { timestamp }: StreamRecord<T>,
    ...[key, value, headers]: Parameters<BatchBuilder['fits']>
  ): number {
    const alone = createBatchBuilder({ compression })
    alone.append(timestamp, key, value, headers)
    return alone.finish({ producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }).length
  }

  function wait(topic: string, record: StreamRecord<T>): void {
    waiting = [later(record)]
    learn(topic).then(resume, attempt.fail)
  }

  /** Nobody is there any more to whom `write` could throw. */
  function later(record: StreamRecord<T>): () => void {
    attempt.credits.take()
    return () => {
      attempt.credits.give()
      try {
        write(record)
      } catch (thrown) {
        refused(record, thrown)
      }
    }
  }

  /** Runs what waited; one of them may have to wait again, and the rest stays behind it. */
  function resume(): void {
    const held = waiting ?? []
    waiting = null
    try {
      for (const act of held) inOrder(act)
    } catch (error) {
      attempt.fail(error)
    }
  }

  function inOrder(act: () => void): void {
    if (waiting === null) act()
    else waiting.push(act)
  }

  return {
    write(record) {
      if (waiting === null) write(record)
      else waiting.push(later(record))
    },
    late: {
      onRefused(listener) {
        refused = listener
      },
      whenKnown: inOrder,
    },
    async prepare(): Promise<Json> {
      await new Promise<void>((resolve, reject) => inOrder(() => void part.seal().then(resolve, reject)))
      return null
    },
    close: async () => undefined,
  }
}

function limitsFor<T>(options: KafkaSinkOptions<T>, sureBytes: number): BatchLimits {
  const { batchBytes = 512 * 1024, linger = 0, compression = 'none' } = options
  return { batchBytes: Math.min(batchBytes, sureBytes), linger, compression }
}

/** Snappy allows for a sixth more in the worst case. */
const compressible = 6 / 7

function tooLarge(
  { split, offset }: StreamRecord<unknown>,
  operator: OperatorId,
  topic: string,
  size: number,
  limit: number,
): FatalError {
  return new FatalError('RECORD_TOO_LARGE', `the record needs ${size} bytes, and topic ${topic} takes ${limit}`, {
    where: { operator, topic: split.topic, partition: split.partition, offset },
    badRecord: true,
    hint: "Raise the topic's max.message.bytes, make records smaller, or set `compression`; nothing of its checkpoint was committed",
  })
}

function noPartition(
  { split, offset }: StreamRecord<unknown>,
  operator: OperatorId,
  topic: string,
  partitions: number,
): FatalError {
  return new FatalError('NO_SUCH_PARTITION', `the partitioner chose a partition that topic ${topic} does not have`, {
    where: { operator, topic: split.topic, partition: split.partition, offset },
    badRecord: true,
    hint: `Its answer must be a whole number from 0 to ${partitions - 1}`,
  })
}
