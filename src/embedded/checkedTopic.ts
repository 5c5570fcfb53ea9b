import { FatalError } from '../errors.ts'
import { required, wholeNumber } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
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

/** Options of `createTopic`. */
export interface TopicOptions {
  readonly partitions: number
}

/**
 * Checks the name and the options of a new topic.
 *
 * @throws BAD_OPTION if one of them is not allowed
 */
export function checkedTopic(name: string, options: TopicOptions): [string, number] {
  const problems =
    topicName.test(name) && name !== '.' && name !== '..'
      ? []
      : [`the name is ${shown(name)}, must be 1 to 249 letters, digits, dots, underscores and hyphens`]
  checkOptions('createTopic', options, { partitions: required(wholeNumber(1, 10_000)) }, { problems })
  return [name, options.partitions]
}

function shown(name: unknown): string {
  return JSON.stringify(String(name).slice(0, 120))
}

/** As in Kafka, so that a job can move there. */
const topicName = /^[A-Za-z0-9._-]{1,249}$/
