import { milliseconds, numberFrom, oneOf } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { Guarantee } from '../../sinks/sink.ts'
import { type TopicSinkOptions, topicSinkRules } from '../../sinks/topicSinkOptions.ts'
import type { Timestamps } from '../../sinks/writtenTimestamp.ts'
import { type Compression, loadCompression } from '../batch/compression.ts'
import type { KafkaCluster } from '../cluster.ts'
import { clusterProblems } from '../clusterProblems.ts'
import { prefixRule, sinkTopicRule } from '../topicRules.ts'

/** Options of `kafkaSink`. */
export interface KafkaSinkOptions<T> extends TopicSinkOptions<T> {
  /**
   * Timestamp to write: `'event'`, `'source'` or `'now'`, see Timestamps. Default `'event'`.
   * Brokers of Kafka 4 refuse timestamps more than an hour ahead
   * (`message.timestamp.after.max.ms`). Brokers remove records by these timestamps: results of data
   * older than the topic's `retention.ms` disappear within minutes unless written with `'now'`; see
   * event `records-past-retention`.
   */
  readonly timestamps?: Timestamps | undefined
  /**
   * Time that a batch waits for more records, ms. Default 0: batches grow while the previous one is
   * in flight.
   */
  readonly linger?: number | undefined
  /**
   * Size at which a batch is sent, bytes before compression; must fit the topic's
   * max.message.bytes. Default 524,288 (512 KiB).
   */
  readonly batchBytes?: number | undefined
  /**
   * Acknowledgements to wait for: 1 loses records when a broker fails, and is refused with
   * exactly-once. Default 'all'.
   */
  readonly acks?: 'all' | 1 | undefined
  /** Compression of batches. Default 'none'. */
  readonly compression?: Compression | undefined
  /**
   * Delivery guarantee. 'at-least-once': acked before the checkpoint, duplicates after a failure;
   * 'none': records may be lost, too. Default 'exactly-once'.
   */
  readonly guarantee?: Guarantee | undefined
  /**
   * Longest time that a transaction may stay open, ms; must exceed checkpoint interval + timeout.
   * Default: twice that sum.
   */
  readonly transactionTimeout?: number | undefined
  /** Prefix of the transactional ids and of the ledger topic. Default 'rxweft'. */
  readonly transactionalIdPrefix?: string | undefined
}

/**
 * Checks the arguments, as far as that is possible without the cluster.
 *
 * @throws BAD_OPTION
 * @throws COMPRESSION_UNAVAILABLE if the package of the compression is not installed
 */
export function checkKafkaSink<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>): void {
  const { guarantee = 'exactly-once', acks = 'all', compression = 'none' } = options ?? {}
  const problems =
    guarantee === 'exactly-once' && acks === 1
      ? ["acks is 1, must be 'all' unless guarantee is 'at-least-once' or 'none'"]
      : []
  checkOptions<KafkaSinkOptions<T>>('kafkaSink', options, rules, {
    problems: [...clusterProblems(cluster), ...problems],
  })
  loadCompression(compression)
}

const rules: OptionRules<KafkaSinkOptions<never>> = {
  ...topicSinkRules(sinkTopicRule),
  linger: numberFrom(0, 60_000),
  batchBytes: numberFrom(1_024, 2 ** 28),
  acks: oneOf('all', 1),
  compression: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  guarantee: oneOf('exactly-once', 'at-least-once', 'none'),
  transactionTimeout: milliseconds(1),
  transactionalIdPrefix: prefixRule,
}
