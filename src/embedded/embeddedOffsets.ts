/** Splits of an embedded log: those of a topic, and whether a checkpointed one can be resumed. */

import type { StartPosition } from '../contracts/startPosition.ts'
import { FatalError } from '../errors.ts'
import type { SplitOffset } from '../record.ts'
import type { LogCore, Topic } from './logCore.ts'

export function partitionsOf({ partitions }: Topic): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => partition)
}

export function splitOffset({ name, id }: Topic, partition: number, offset: number): SplitOffset {
  return { topic: name, partition, offset, topicId: id }
}

/**
 * Topic of a checkpointed split, if reading can resume exactly there. Throws Fatal TOPIC_MISSING,
 * TOPIC_RECREATED, PARTITION_MISSING or OFFSET_OUT_OF_RANGE: offsets are never reset silently.
 */
export function resumable(core: LogCore, { topic: name, partition, offset, topicId }: SplitOffset): Topic {
  const topic = core.topic(name)
  const where = { topic: name, partition, offset }
  if (topicId !== undefined && topicId !== topic.id) {
    throw new FatalError('TOPIC_RECREATED', 'the topic was deleted and created again after the checkpoint', {
      where,
      hint: 'Restore the previous log file. To read the new topic from its beginning, start the job under another name',
    })
  }
  if (partition >= topic.partitions) {
    throw new FatalError(
      'PARTITION_MISSING',
      `the checkpoint has read this partition, but the topic has only ${topic.partitions} partitions`,
      {
        where,
        hint: 'Check that this is the right log file: partitions of a topic are never removed',
      },
    )
  }
  const end = core.end(topic, partition)
  if (offset <= end) return topic
  throw new FatalError(
    'OFFSET_OUT_OF_RANGE',
    `the next record to read does not exist: the partition ends at offset ${end}`,
    {
      where,
      hint: 'The log is older than the checkpoint: restore the newer file, or start the job under another name',
    },
  )
}

/**
 * Offsets at which reading begins. Throws Fatal CANNOT_RESET for a time, and as `resumable` for an
 * offset that does not exist.
 */
export function offsetsAt(
  core: LogCore,
  start: StartPosition = 'earliest',
): (topic: Topic, partition: number) => number {
  if (start === 'earliest') return () => 0
  if (start === 'latest') return core.end
  if ('timestamp' in start) throw noTimes()
  for (const given of start) resumable(core, given)
  return ({ name }, partition) => start.find((one) => one.topic === name && one.partition === partition)?.offset ?? 0
}

function noTimes(): FatalError {
  return new FatalError('CANNOT_RESET', 'an embedded log does not find records by their time', {
    hint: "Use 'earliest', 'latest' or offsets. Nothing was written",
  })
}
