/**
 * Writes the records of one Kafka sink into lanes: topic and partition are chosen once, and the record is encoded at once.
 *
 * How many partitions a topic has must be known for that. The first record of a topic that has not been named before waits for the
 * cluster's answer, and everything behind it waits too, barriers included, so order holds.
 */
import type { AttemptContext, Json, StreamRecord } from '../element.ts'
import { FatalError } from '../errors.ts'
import { largestBatch } from '../kafka/batch/batchBuilder.ts'
import type { BatchLimits, Lane } from '../kafka/outbox.ts'
import type { KafkaSession } from '../kafka/session.ts'
import { encodeKey } from './encodeKey.ts'
import type { KafkaSinkOptions } from './kafkaSink.ts'
import { byKey } from './partitioner.ts'
import type { SinkWriter } from './sink.ts'

/** A topic that records go to. */
interface Target {
  /** By partition. */
  readonly lanes: readonly Lane[]
  /** What a batch of one record may have at most, bytes; Infinity where that shows only once it is compressed. */
  readonly recordBytes: number
}

/** A record holds one more credit for each so many bytes, so that large ones cannot fill the memory. */
const creditBytes = 4096

export async function kafkaWriter<T>(
  attempt: AttemptContext,
  session: KafkaSession,
  options: KafkaSinkOptions<T>,
): Promise<SinkWriter<T>> {
  const { partitioner = byKey, value: serde } = options
  const part = session.enlist()
  const topics = new Map<string, Target>()
  const topicOf = typeof options.topic === 'string' ? () => options.topic as string : options.topic
  /** What waits for a topic, in order; null: nothing does. */
  let waiting: (() => void)[] | null = null
  if (typeof options.topic === 'string') await learn(options.topic)

  async function learn(topic: string): Promise<void> {
    const { partitions, maxMessageBytes } = await session.topic(topic)
    const limits = limitsFor(options, maxMessageBytes)
    const lanes = Array.from({ length: partitions }, (_, partition) => part.lane(topic, partition, limits))
    topics.set(topic, { lanes, recordBytes: limits.compression === 'none' ? maxMessageBytes : Infinity })
  }

  function write(record: StreamRecord<T>): void {
    const topic = topicOf(record)
    const target = topics.get(topic)
    if (target === undefined) return wait(topic, () => write(record))
    const { lanes, recordBytes } = target
    const key = encodeKey(options.key, record)
    const lane = lanes[partitioner(record as StreamRecord<unknown>, lanes.length, key)]
    if (lane === undefined) throw noPartition(record, topic, lanes.length)
    const value = serde.encode(record.value)
    const headers = options.headers?.(record) ?? record.headers
    const size = largestBatch(key, value, headers)
    if (size > recordBytes) throw tooLarge(record, topic, size, recordBytes)
    const more = Math.floor(size / creditBytes)
    if (more > 0) attempt.credits.take(more)
    lane.append(record.timestamp, key, value, headers, 1 + more)
  }

  function wait(topic: string, then: () => void): void {
    waiting = [then]
    learn(topic).then(resume, attempt.fail)
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
      attempt.credits.take()
      if (waiting === null) write(record)
      else waiting.push(() => write(record))
    },
    async prepare(): Promise<Json> {
      await new Promise<void>((resolve, reject) => inOrder(() => void part.seal().then(resolve, reject)))
      return null
    },
    close: async () => undefined,
  }
}

function limitsFor<T>(options: KafkaSinkOptions<T>, topicLimit: number): BatchLimits {
  const { batchBytes = 512 * 1024, linger = 0, compression = 'none' } = options
  const room = compression === 'none' ? topicLimit : Math.floor(topicLimit * compressible)
  return { batchBytes: Math.min(batchBytes, room), linger, compression }
}

/** What cannot be compressed gets larger; snappy allows for a sixth in the worst case. */
const compressible = 6 / 7

function tooLarge(record: StreamRecord<unknown>, topic: string, size: number, limit: number): FatalError {
  return new FatalError('RECORD_TOO_LARGE', `the record needs ${size} bytes, and topic ${topic} takes ${limit}`, {
    where: { ...record.split, offset: record.offset },
    hint: "Raise the topic's max.message.bytes, make records smaller, or set `compression`; nothing of its checkpoint was committed",
  })
}

function noPartition(record: StreamRecord<unknown>, topic: string, partitions: number): FatalError {
  return new FatalError('NO_SUCH_PARTITION', `the partitioner chose a partition that topic ${topic} does not have`, {
    where: { ...record.split, offset: record.offset },
    hint: `Its answer must be a whole number from 0 to ${partitions - 1}`,
  })
}
