import type { AttemptContext } from '../../attempt.ts'
import type { RepartitionSource } from '../../contracts/repartition.ts'
import type { Source } from '../../contracts/source.ts'
import { sourceIdentity } from '../../contracts/topicSourceOptions.ts'
import { recordSerdes } from '../../serde/recordSerdes.ts'
import type { KafkaCluster } from '../cluster.ts'
import { lagGroups } from '../sessions/lagGroups.ts'
import { kafkaReader } from './kafkaReader.ts'
import { checkKafkaSource, type KafkaSourceOptions } from './kafkaSourceOptions.ts'

/**
 * Reads all partitions of its topics, committed records only (read_committed).
 *
 *     from(kafkaSource(cluster, { topic: 'clicks', value: json<Click>() }))
 *
 * Partitions are assigned without group membership, so a killed job resumes at once, without
 * waiting for a session timeout. The ledger alone decides where to read; a consumer group only
 * shows lag, see `groupId`.
 *
 * @throws BAD_OPTION if an option is wrong; the cluster is contacted when the job starts
 * @throws DECODE_FAILED for a record that `value` or `key` cannot decode; see `onError`
 * @throws OFFSET_OUT_OF_RANGE if records were removed before they were read
 */
export function kafkaSource<T>(cluster: KafkaCluster, options: KafkaSourceOptions<T>): Source<T> {
  return sourceOf(cluster, options, false)
}

/** Source of a topic that the job owns, with markers between its records. */
export function repartitionSource<T>(cluster: KafkaCluster, options: KafkaSourceOptions<T>): RepartitionSource<T> {
  return sourceOf(cluster, options, true)
}

function sourceOf<T>(
  cluster: KafkaCluster,
  options: KafkaSourceOptions<T>,
  repartition: boolean,
): RepartitionSource<T> {
  checkKafkaSource(cluster, options)
  const { groupId, maxInFlight = 50_000 } = options
  const identity = sourceIdentity('kafkaSource', options)
  const { id, topics } = identity
  const serdes = recordSerdes(options)
  return {
    ...identity,
    startsAnywhere: !repartition,
    maxInFlight,
    open(attempt: AttemptContext) {
      // Where each shard reads everything, one of them shows the lag.
      const { everywhere = false, shard } = attempt
      if (groupId !== undefined && (!everywhere || shard === 0)) lagGroups(attempt, cluster).set(id, groupId)
      return kafkaReader(attempt, cluster, { ...options, ...serdes, topics, source: id, repartition })
    },
  }
}
