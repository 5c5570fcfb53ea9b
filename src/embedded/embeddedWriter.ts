/**
 * Writes the records of one embedded sink into its staged writes: topic and partition are chosen
 * once, and the record is encoded at once.
 */
import type { AttemptContext } from '../attempt.ts'
import { markerRecord } from '../contracts/marker.ts'
import type { RepartitionWriter } from '../contracts/repartition.ts'
import { FatalError } from '../errors.ts'
import type { OperatorId, StreamRecord } from '../record.ts'
import type { WithSerdes } from '../serde/recordSerdes.ts'
import { encodeKey } from '../sinks/encodeKey.ts'
import { byKey } from '../sinks/partitioner.ts'
import { topicRefused } from '../sinks/refusedBySink.ts'
import type { TopicSinkOptions } from '../sinks/topicSinkOptions.ts'
import { writtenTimestamp } from '../sinks/writtenTimestamp.ts'
import type { LogCore, Topic } from './logCore.ts'
import type { StagedWrites } from './stagedWrites.ts'

export interface EmbeddedWriterParts {
  readonly operator: OperatorId
  readonly attempt: Pick<AttemptContext, 'clock' | 'shard' | 'slots'>
  /** Whether the job owns the topic: timestamps then stay as they are. */
  readonly repartition?: boolean
}

export function embeddedWriter<T>(
  core: LogCore,
  outbox: StagedWrites,
  {
    topic,
    value,
    key,
    partitioner = byKey,
    headers,
    timestamps = 'event',
    operator,
    attempt,
    repartition = false,
  }: WithSerdes<TopicSinkOptions<T>, T> & EmbeddedWriterParts,
): RepartitionWriter<T> {
  const topics = new Map<string, Topic>()
  const named = (name: string): Topic => {
    const found = topics.get(name) ?? core.topic(name)
    topics.set(name, found)
    return found
  }
  const fixed = typeof topic === 'string' ? named(topic) : undefined
  const timestampOf = repartition
    ? ({ timestamp }: StreamRecord<unknown>) => timestamp
    : writtenTimestamp(timestamps, attempt.clock)

  /** Topic of the record. A missing topic that only this record names is the record's fault. */
  function targetOf(record: StreamRecord<T>): Topic {
    const name = (topic as (record: StreamRecord<T>) => string)(record)
    try {
      return named(name)
    } catch (thrown) {
      if (!(thrown instanceof FatalError && thrown.code === 'TOPIC_MISSING')) throw thrown
      throw topicRefused(record, operator, String(name), thrown)
    }
  }

  return {
    write(record) {
      const into = fixed ?? targetOf(record)
      const encodedKey = encodeKey(key, record, operator)
      const partition = partitioner(record as StreamRecord<unknown>, into.partitions, encodedKey)
      if (!(Number.isInteger(partition) && partition >= 0 && partition < into.partitions))
        throw noPartition(record, operator, into)
      const content = [
        timestampOf(record),
        encodedKey,
        value.encode(record.value),
        headers?.(record) ?? record.headers,
      ] as const
      try {
        outbox.add(into, partition, ...content)
      } catch (thrown) {
        throw withPlace(thrown, record, operator)
      }
    },
    mark(time) {
      const { timestamp, key, value, headers } = markerRecord(attempt, time)
      const into = fixed as Topic
      for (let partition = 0; partition < into.partitions; partition++)
        outbox.add(into, partition, timestamp, key, value, headers)
    },
    async prepare(checkpoint) {
      outbox.seal(checkpoint)
      return null
    },
    close: async () => undefined,
  }
}

function noPartition(
  { split, offset }: StreamRecord<unknown>,
  operator: OperatorId,
  { name, partitions }: Topic,
): FatalError {
  return new FatalError('NO_SUCH_PARTITION', `the partitioner chose a partition that topic ${name} does not have`, {
    where: { operator, topic: split.topic, partition: split.partition, offset },
    badRecord: true,
    hint: `Return a whole number from 0 to ${partitions - 1}`,
  })
}

/** Adds the place of the record to an error of the log, which does not know it. */
function withPlace(thrown: unknown, { split, offset }: StreamRecord<unknown>, operator: OperatorId): unknown {
  if (!(thrown instanceof FatalError) || thrown.code !== 'RECORD_NOT_WRITABLE') return thrown
  return new FatalError(
    'RECORD_NOT_WRITABLE',
    'the log rejected the key, value or headers that the sink made from a record',
    {
      where: { operator, topic: split.topic, partition: split.partition, offset },
      badRecord: true,
      hint: thrown.message,
      cause: thrown,
    },
  )
}
