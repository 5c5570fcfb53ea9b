/**
 * A Kafka topic in the middle of a job. It is made where it is missing, and keeps its records until they are read, however long the job is
 * dead; what a checkpoint has read is removed now and then.
 */

import { repartitionTopicName } from '../../checkpoint/names.ts'
import type { ThroughTopic } from '../../contracts/repartition.ts'
import { checkThrough } from '../../contracts/repartitionProblems.ts'
import { checkOptionNames } from '../../options.ts'
import type { Codec } from '../../serde/codec.ts'
import type { KafkaCluster } from '../cluster.ts'
import { repartitionSink } from '../sink/kafkaSink.ts'
import { kafkaSource } from '../source/kafkaSource.ts'
import { ensureTopic } from './ensureTopic.ts'
import { removing } from './purging.ts'

export interface KafkaTopicOptions<T, K> {
  /**
   * Distinguishes the repartition topics of a job: letters, digits, dots, underscores and hyphens, a letter or digit first. The topic is called
   * PREFIX-JOB-NAME-repartition, with the prefix of the transactional ids, and each '-' in PREFIX and JOB doubled so that no two jobs share it.
   */
  readonly name: string
  /** Of the topic. They cannot become more: keys would move to other partitions, away from their state. */
  readonly partitions: number
  /** How keys become bytes, which choose the partition as Kafka does, and keys again. */
  readonly key: Codec<K>
  readonly value: Codec<T>
  /** How often records that have been read are removed, ms; default 30,000. That needs the right to delete records, and is told by cleanup-failed. */
  readonly removal?: number | undefined
  /** As of the other sinks of the job. */
  readonly transactionTimeout?: number | undefined
  /** As of the other sinks of the job; default 'rxweft'. */
  readonly transactionalIdPrefix?: string | undefined
}

const optionsOfTopic = {
  ...{ name: true, partitions: true, key: true, value: true, removal: true },
  ...{ transactionTimeout: true, transactionalIdPrefix: true },
} as const

/**
 * For `through`. Throws Fatal BAD_THROUGH_OPTIONS; when the job starts, Fatal THROUGH_TOPIC_MISSING where it may not be made, and
 * THROUGH_TOPIC_CHANGED where it has another number of partitions.
 */
export function kafkaTopic<T, K>(cluster: KafkaCluster, options: KafkaTopicOptions<T, K>): ThroughTopic<T, K> {
  checkOptionNames('kafkaTopic', options, optionsOfTopic, 'BAD_THROUGH_OPTIONS')
  checkThrough(options)
  const { name, partitions, key, value, removal = 30_000, transactionTimeout, transactionalIdPrefix } = options
  return {
    ends(job) {
      const topic = repartitionTopicName(transactionalIdPrefix ?? 'rxweft', job, name)
      const source = kafkaSource(cluster, { topic, key, value })
      return {
        sink: repartitionSink(cluster, {
          ...{ topic, key: key as Codec<unknown>, value, transactionTimeout, transactionalIdPrefix },
        }),
        source: {
          ...source,
          async open(attempt) {
            await ensureTopic(attempt, cluster, topic, partitions)
            return removing(await source.open(attempt), attempt, cluster, topic, removal)
          },
        },
      }
    },
  }
}
