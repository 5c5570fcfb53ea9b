/**
 * The Kafka source: all partitions of its topics, read_committed, assigned without group membership, so that a killed job reads on
 * at once, and does not wait for a session timeout. Where to read is decided by the ledger alone; the consumer group only shows lag.
 */

import type { AttemptContext } from '../../attempt.ts'
import type { Source } from '../../contracts/source.ts'
import { refuseOptions } from '../../options.ts'
import { recordSerdes } from '../../serde/recordSerdes.ts'
import type { KafkaCluster } from '../cluster.ts'
import { lagGroups } from '../sessions/lagGroups.ts'
import { kafkaReader } from './kafkaReader.ts'
import { type KafkaSourceOptions, kafkaSourceProblems } from './kafkaSourceOptions.ts'

/** Throws Fatal BAD_SOURCE_OPTIONS on options that cannot work; what needs the cluster is checked when the job starts. */
export function kafkaSource<T>(cluster: KafkaCluster, options: KafkaSourceOptions<T>): Source<T> {
  const topics = options.topics ?? (options.topic === undefined ? [] : [options.topic])
  const { maxInFlight = 50_000, groupId, id = `kafkaSource:${topics.join(',')}` } = options
  refuseOptions('BAD_SOURCE_OPTIONS', kafkaSourceProblems(options))
  const serdes = recordSerdes(options)
  return {
    id,
    topics,
    maxInFlight,
    onError: options.onError,
    sharded: true,
    bounded: options.until !== undefined,
    open(attempt: AttemptContext) {
      if (groupId !== undefined) lagGroups(attempt, cluster).set(id, groupId)
      return kafkaReader(attempt, cluster, { ...options, ...serdes, topics, source: id })
    },
  }
}
