/**
 * With guarantee 'exactly-once', records go into the shard's transaction
 * (kafka/sessions/transactionSession.ts), which also decides the checkpoint; with 'at-least-once'
 * and 'none' they are sent at once.
 *
 *     write --> line of its partition --> batch --> round of sends    prepare(n): all of n acked
 */
import type { AttemptContext } from '../../attempt.ts'
import { withoutMarker } from '../../contracts/marker.ts'
import type { RepartitionSink } from '../../contracts/repartition.ts'
import { openSerdes, recordSerdes } from '../../serde/recordSerdes.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'
import { sinkIdentity } from '../../sinks/topicSinkOptions.ts'
import type { KafkaCluster } from '../cluster.ts'
import { kafkaLedger } from '../ledger/kafkaLedger.ts'
import { plainSession } from '../sessions/plainSession.ts'
import { checkKafkaSink, type KafkaSinkOptions } from './kafkaSinkOptions.ts'
import { kafkaWriter } from './kafkaWriter.ts'

/**
 * Writes to Kafka topics, exactly once by default.
 *
 *     to(kafkaSink(cluster, { topic: 'counts', value: json<Count>() }))
 *
 * Records of a checkpoint, source offsets and the decision about the checkpoint are one Kafka
 * transaction. Consumers must read with isolation level read_committed.
 *
 * @throws BAD_OPTION if an option is wrong; the cluster is contacted when the job starts
 * @throws COMPRESSION_UNAVAILABLE if the package of the compression is not installed
 */
export function kafkaSink<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(cluster, options, false)
}

/**
 * Sink of a topic that the job owns: its partitions are fixed, and records keep the timestamps that
 * they have in the job, and their headers but for the one of markers.
 */
export function repartitionSink<T>(
  cluster: KafkaCluster,
  options: Omit<KafkaSinkOptions<T>, 'headers'>,
): RepartitionSink<T> {
  return sinkOf<T>(cluster, { ...options, headers: ({ headers }) => withoutMarker(headers) }, true)
}

function sinkOf<T>(cluster: KafkaCluster, options: KafkaSinkOptions<T>, repartition: boolean): RepartitionSink<T> {
  checkKafkaSink(cluster, options)
  const { guarantee = 'exactly-once' } = options
  const ledger =
    guarantee === 'exactly-once'
      ? kafkaLedger(cluster, options.transactionalIdPrefix ?? 'rxweft', options.transactionTimeout)
      : undefined
  const session = (attempt: AttemptContext) =>
    ledger === undefined
      ? plainSession(attempt, cluster, options.acks ?? 'all')
      : Promise.resolve(attempt.opened(ledger))
  const serdes = recordSerdes(options)
  const identity = sinkIdentity('kafkaSink', options)
  return {
    ...identity,
    sharded: true,
    guarantee,
    ...(ledger === undefined ? {} : { ledger }),
    async open(attempt) {
      await openSerdes(serdes)
      const parts = { operator: identity.id, repartition }
      return kafkaWriter(attempt, await session(attempt), { ...options, ...serdes, ...parts })
    },
  }
}
