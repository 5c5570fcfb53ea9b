import { repartitionTopicName } from '../checkpoint/names.ts'
import type { RepartitionTopic } from '../contracts/repartition.ts'
import { repartitionRules } from '../contracts/repartitionProblems.ts'
import { checkOptions } from '../options.ts'
import type { Codec } from '../serde/codec.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { embeddedRepartitionSink } from './embeddedSink.ts'
import { embeddedRepartitionSource } from './embeddedSource.ts'

/** Options of `embeddedRepartition`. */
export interface EmbeddedRepartitionOptions<T, K> {
  /**
   * Distinguishes the repartition topics of a job: the topic is named JOB-NAME-repartition, with
   * each '-' in JOB doubled.
   */
  readonly name: string
  /** Number of partitions; it cannot change. */
  readonly partitions: number
  /** Codec of the keys; their bytes choose the partition, as in Kafka. */
  readonly key: Codec<K>
  /** Codec of the values. */
  readonly value: Codec<T>
}

/**
 * Makes a topic of an embedded log in the middle of a job, for `repartition` of the job builder.
 *
 * The topic is created if it is missing. Its records stay: an embedded log never removes any.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws TOPIC_EXISTS when the job starts, if the topic has another number of partitions
 */
export function embeddedRepartition<T, K>(
  log: EmbeddedLog,
  options: EmbeddedRepartitionOptions<T, K>,
): RepartitionTopic<T, K> {
  const core = coreOf(log)
  checkOptions<EmbeddedRepartitionOptions<T, K>>('embeddedRepartition', options, repartitionRules)
  return {
    ends(job) {
      const { name, partitions, key, value } = options
      const topic = repartitionTopicName(null, job, name)
      const source = embeddedRepartitionSource(log, { topic, key, value })
      return {
        sink: embeddedRepartitionSink(log, { topic, key: key as Codec<unknown>, value }),
        source: {
          ...source,
          async open(attempt) {
            core.createTopic(topic, partitions)
            return source.open(attempt)
          },
        },
      }
    },
  }
}
