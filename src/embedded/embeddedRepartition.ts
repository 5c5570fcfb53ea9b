/** A topic of an embedded log in the middle of a job. What has gone through it stays: nothing is ever removed from an embedded log. */

import { repartitionTopicName } from '../checkpoint/names.ts'
import type { ThroughTopic } from '../contracts/repartition.ts'
import { checkThrough } from '../contracts/repartitionProblems.ts'
import { checkOptionNames } from '../options.ts'
import type { Codec } from '../serde/codec.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { embeddedRepartitionSink } from './embeddedSink.ts'
import { embeddedSource } from './embeddedSource.ts'

export interface EmbeddedTopicOptions<T, K> {
  /** Tells it from other such topics of the job: it is called JOB-NAME-repartition, with each '-' in JOB doubled. */
  readonly name: string
  /** Cannot change afterwards. */
  readonly partitions: number
  /** How keys become bytes, which choose the partition, and keys again. */
  readonly key: Codec<K>
  readonly value: Codec<T>
}

/** For `through`. Throws Fatal BAD_THROUGH_OPTIONS; when the job starts, Fatal TOPIC_EXISTS where the topic has another number of partitions. */
export function embeddedTopic<T, K>(log: EmbeddedLog, options: EmbeddedTopicOptions<T, K>): ThroughTopic<T, K> {
  const core = coreOf(log)
  const names = { name: true, partitions: true, key: true, value: true } as const
  checkOptionNames('embeddedTopic', options, names, 'BAD_THROUGH_OPTIONS')
  checkThrough(options)
  return {
    ends(job) {
      const { name, partitions, key, value } = options
      const topic = repartitionTopicName(null, job, name)
      const source = embeddedSource(log, { topic, key, value })
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
