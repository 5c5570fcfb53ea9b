import { isStartPosition } from '../../contracts/startPosition.ts'
import { type TopicSourceOptions, topicProblems, topicSourceRules } from '../../contracts/topicSourceOptions.ts'
import { milliseconds, nonEmptyText, numberFrom, rule, wholeNumber } from '../../optionRules.ts'
import { checkOptions, type OptionRules, unknownOptions } from '../../options.ts'
import { largestSizeLimit } from '../batch/sizeLimit.ts'
import type { KafkaCluster } from '../cluster.ts'
import { clusterProblems } from '../clusterProblems.ts'
import { topicRule } from '../topicRules.ts'
import type { StartFrom } from './startOffsets.ts'

/** Options of `kafkaSource`. */
export interface KafkaSourceOptions<T> extends TopicSourceOptions<T> {
  /**
   * Consumer group that receives the offsets with each checkpoint, for tools that show lag; nobody
   * may consume with it. The offsets are a part of the transaction, so this needs an exactly-once
   * Kafka sink on the same cluster. Default: none.
   */
  readonly groupId?: string | undefined
  /**
   * Position at the first start of a job; later starts resume a checkpoint. With shards, it is
   * resolved once for all of them. Default 'earliest'.
   */
  readonly startFrom?: StartFrom | undefined
  /**
   * Approximate limit of records in flight between source and sinks; a large record counts once
   * more for each 4 KiB. If records pass slowly, fewer are in flight (about one second's worth), so
   * that a checkpoint need not wait. Default 50,000.
   */
  readonly maxInFlight?: number | undefined
  /**
   * Largest size of a record batch after decompression, bytes, at most 1 GiB. A larger batch is not
   * decompressed: `onError` applies once to the whole batch, and its dead letter has no value but
   * the first and last offset. Default 67,108,864 (64 MiB).
   */
  readonly maxDecompressedBytes?: number | undefined
  /** Interval between checks for new partitions, ms. Default 30,000. */
  readonly discoveryInterval?: number | undefined
}

/**
 * Checks the arguments, as far as that is possible without the cluster.
 *
 * @throws BAD_OPTION
 */
export function checkKafkaSource<T>(cluster: KafkaCluster, options: KafkaSourceOptions<T>): void {
  checkOptions<KafkaSourceOptions<T>>('kafkaSource', options, rules, {
    problems: [...clusterProblems(cluster), ...topicProblems(options), ...unknownStarts(options?.startFrom)],
  })
}

const rules: OptionRules<KafkaSourceOptions<unknown>> = {
  ...topicSourceRules(topicRule),
  groupId: nonEmptyText,
  startFrom: {
    ...rule("'earliest', 'latest', { timestamp } in ms, or a list of { topic, partition, offset }", isStartPosition),
    shown: true,
  },
  maxInFlight: numberFrom(1),
  maxDecompressedBytes: wholeNumber(1, largestSizeLimit),
  discoveryInterval: milliseconds(1),
}

function unknownStarts(startFrom: unknown): readonly string[] {
  const isTime = typeof startFrom === 'object' && startFrom !== null && 'timestamp' in startFrom
  return isTime ? unknownOptions(startFrom, ['timestamp'], 'startFrom.') : []
}
