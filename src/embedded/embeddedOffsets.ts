/** Splits of an embedded log: those of a topic, and whether a checkpointed one can be resumed. */
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
    throw new FatalError('TOPIC_RECREATED', 'the topic is not the one that the checkpoint has read', {
      where,
      hint: 'Put the former log file back; to read the new topic from its beginning, start the job under another name',
    })
  }
  if (partition >= topic.partitions) {
    throw new FatalError('PARTITION_MISSING', `the topic has ${topic.partitions} partitions`, {
      where,
      hint: 'Is this the right log? Partitions of a topic never go away',
    })
  }
  const end = core.end(topic, partition)
  if (offset <= end) return topic
  throw new FatalError('OFFSET_OUT_OF_RANGE', `the next record to read is not there: the partition ends at ${end}`, {
    where,
    hint: 'The log is older than the checkpoint: put the newer file back, or start the job under another name',
  })
}
