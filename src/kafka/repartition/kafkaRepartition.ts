import { repartitionTopicName } from '../../checkpoint/names.ts'
import type { RepartitionTopic } from '../../contracts/repartition.ts'
import { repartitionRules } from '../../contracts/repartitionProblems.ts'
import { milliseconds, numberFrom } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { Codec } from '../../serde/codec.ts'
import type { KafkaCluster } from '../cluster.ts'
import { clusterProblems } from '../clusterProblems.ts'
import { repartitionSink } from '../sink/kafkaSink.ts'
import { repartitionSource } from '../source/kafkaSource.ts'
import { prefixRule } from '../topicRules.ts'
import { ensureTopic } from './ensureTopic.ts'
import { purging } from './purge.ts'

/** Options of `kafkaRepartition`. */
export interface KafkaRepartitionOptions<T, K> {
  /**
   * Distinguishes the repartition topics of a job: letters, digits, dots, underscores and hyphens,
   * a letter or digit first. The topic is named PREFIX-JOB-NAME-repartition, with the prefix of the
   * transactional ids; each '-' in PREFIX and JOB is doubled so that no two jobs share a topic.
   */
  readonly name: string
  /**
   * Number of partitions. It cannot grow: keys would move to other partitions, away from their
   * state.
   */
  readonly partitions: number
  /** Codec of the keys; their bytes choose the partition, as in Kafka. */
  readonly key: Codec<K>
  /** Codec of the values. */
  readonly value: Codec<T>
  /**
   * Interval between removals of records that have been read, ms. Needs the right to delete
   * records; failures are emitted as event cleanup-failed. Default 30,000.
   */
  readonly purgeInterval?: number | undefined
  /**
   * Longest time that a transaction may stay open, ms. Default: that of `kafkaSink`; give the same
   * to all sinks of the job.
   */
  readonly transactionTimeout?: number | undefined
  /** Prefix of the transactional ids; give the same to all sinks of the job. Default 'rxweft'. */
  readonly transactionalIdPrefix?: string | undefined
}

const rules: OptionRules<KafkaRepartitionOptions<never, never>> = {
  ...repartitionRules,
  purgeInterval: numberFrom(0),
  transactionTimeout: milliseconds(1),
  transactionalIdPrefix: prefixRule,
}

/**
 * Makes a Kafka topic in the middle of a job, for `repartition` of the job builder.
 *
 *     const byUser = kafkaRepartition(cluster, { name: 'by-user', partitions: 12, key, value })
 *     from(clicks).pipe(keyBy(user), repartition(byUser), scan(count, 0, { id: 'counts' }))
 *
 * The topic is created if it is missing. It keeps its records until they are read, however long the
 * job is down; records that a checkpoint has read are removed from time to time.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws REPARTITION_TOPIC_MISSING when the job starts, if the topic may not be created
 * @throws REPARTITION_TOPIC_CHANGED when the job starts, if it has another number of partitions
 */
export function kafkaRepartition<T, K>(
  cluster: KafkaCluster,
  options: KafkaRepartitionOptions<T, K>,
): RepartitionTopic<T, K> {
  checkOptions<KafkaRepartitionOptions<T, K>>('kafkaRepartition', options, rules, {
    problems: clusterProblems(cluster),
  })
  const { name, partitions, key, value, purgeInterval = 30_000, transactionTimeout, transactionalIdPrefix } = options
  return {
    ends(job) {
      const topic = repartitionTopicName(transactionalIdPrefix ?? 'rxweft', job, name)
      const source = repartitionSource(cluster, { topic, key, value })
      return {
        sink: repartitionSink(cluster, {
          ...{ topic, key: key as Codec<unknown>, value, transactionTimeout, transactionalIdPrefix },
        }),
        source: {
          ...source,
          async open(attempt) {
            await ensureTopic(attempt, cluster, topic, partitions)
            return purging(await source.open(attempt), attempt, cluster, topic, purgeInterval)
          },
        },
      }
    },
  }
}
