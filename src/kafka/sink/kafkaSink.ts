/**
 * The Kafka sink. With guarantee 'exactly-once' its records go into the shard's transaction (kafka/sessions/transactionSession.ts), which also
 * decides the checkpoint; with 'at-least-once' and 'none' they go out as they come.
 *
 *   write --> lane of its partition --> batch --> round of sends      prepare(n): all of n is acked
 */

import type { AttemptContext } from '../../attempt.ts'
import { refuseOptions } from '../../options.ts'
import { openSerdes, recordSerdes } from '../../serde/recordSerdes.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'
import type { KafkaCluster } from '../cluster.ts'
import { kafkaLedger } from '../ledger/kafkaLedger.ts'
import { plainSession } from '../sessions/plainSession.ts'
import { type KafkaSinkOptions, kafkaSinkProblems } from './kafkaSinkOptions.ts'
import { kafkaWriter } from './kafkaWriter.ts'

/**
 * Throws Fatal BAD_SINK_OPTIONS on options that cannot work, COMPRESSION_UNAVAILABLE where the package for it is not installed; what
 * needs the cluster is checked when the job starts.
 */
export function kafkaSink<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(cluster, options, false)
}

/** The sink of a topic that a job has to itself: its partitions are fixed, and the timestamps are those that records have in the job. */
export function repartitionSink<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(cluster, options, true)
}

function sinkOf<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>, repartition: boolean): TransactionalSink<T> {
  const { guarantee = 'exactly-once', topic } = options
  refuseOptions('BAD_SINK_OPTIONS', kafkaSinkProblems(options))
  const ledger =
    guarantee === 'exactly-once'
      ? kafkaLedger(cluster, options.transactionalIdPrefix ?? 'rxweft', options.transactionTimeout)
      : undefined
  const session = (attempt: AttemptContext) =>
    ledger === undefined
      ? plainSession(attempt, cluster, options.acks ?? 'all')
      : Promise.resolve(attempt.opened(ledger))
  const serdes = recordSerdes(options)
  const id = options.id ?? `kafkaSink:${typeof topic === 'string' ? topic : '(by record)'}`
  return {
    id,
    topics: typeof topic === 'string' ? [topic] : [],
    sharded: true,
    guarantee,
    ...(ledger === undefined ? {} : { ledger }),
    async open(attempt) {
      await openSerdes(serdes)
      return kafkaWriter(attempt, await session(attempt), { ...options, ...serdes, operator: id, repartition })
    },
  }
}
