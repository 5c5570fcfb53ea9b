import { FatalError } from '../errors.ts'
import type { Topic } from './logCore.ts'

/**
 * Returns the topic if it has the partition.
 *
 * @throws NO_SUCH_PARTITION if it has not
 */
export function existing(topic: Topic, partition: number): Topic {
  if (Number.isInteger(partition) && partition >= 0 && partition < topic.partitions) return topic
  throw noSuchPartition(topic, partition)
}

function noSuchPartition({ name, partitions }: Topic, partition: unknown): FatalError {
  return new FatalError('NO_SUCH_PARTITION', `the topic has no partition ${partition}`, {
    where: { topic: name },
    hint: `Give a whole number from 0 to ${partitions - 1}`,
  })
}

/**
 * Checks the name and the number of partitions of a new topic.
 *
 * @throws BAD_OPTION if one of them is not allowed
 */
export function checkedTopic(name: string, partitions: number): [string, number] {
  if (!topicName.test(name) || name === '.' || name === '..') badTopic(`${JSON.stringify(name)} cannot be its name`)
  if (!(Number.isInteger(partitions) && partitions >= 1 && partitions <= 10_000)) badTopic(`partitions: ${partitions}`)
  return [name, partitions]
}

/** As in Kafka, so that a job can move there. */
const topicName = /^[A-Za-z0-9._-]{1,249}$/

function badTopic(what: string): never {
  throw new FatalError('BAD_OPTION', `the topic cannot be created: ${what}`, {
    hint: 'Use 1 to 249 letters, digits, dots, underscores and hyphens, and 1 to 10000 partitions',
  })
}
