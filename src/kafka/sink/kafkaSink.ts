/**
 * The Kafka sink. With guarantee 'exactly-once' its records go into the shard's transaction (kafka/sessions/transactionSession.ts), which also
 * decides the checkpoint; with 'at-least-once' and 'none' they go out as they come.
 *
 *   write --> lane of its partition --> batch --> round of sends      prepare(n): all of n is acked
 */

import type { AttemptContext, Header, OperatorId, StreamRecord } from '../../element.ts'
import { refuseOptions } from '../../options.ts'
import type { Codec } from '../../serde/codec.ts'
import { openSerdes, recordSerdes } from '../../serde/recordSerdes.ts'
import type { Partitioner } from '../../sinks/partitioner.ts'
import type { Guarantee, TransactionalSink } from '../../sinks/sink.ts'
import type { Timestamps } from '../../sinks/writtenTimestamp.ts'
import type { Compression } from '../batch/compression.ts'
import type { KafkaCluster } from '../cluster.ts'
import { kafkaLedger } from '../ledger/kafkaLedger.ts'
import { plainSession } from '../sessions/plainSession.ts'
import { kafkaSinkProblems } from './kafkaSinkProblems.ts'
import { kafkaWriter } from './kafkaWriter.ts'

export interface KafkaSinkOptions<T> {
  /** The topic, or which one for this record. */
  readonly topic: string | ((record: StreamRecord<T>) => string)
  /** How values become bytes: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema validator (both: JSON). */
  readonly value: Codec<T>
  /**
   * How `record.key` becomes bytes. By default bytes and null pass as they are, strings as UTF-8, and numbers, bigints and booleans as the
   * text that they print as.
   */
  readonly key?: Codec<unknown> | undefined
  /** Chooses a partition once for each record. Default: by key as Kafka does, without a key that of the source record. */
  readonly partitioner?: Partitioner | undefined
  /** The headers to write; default: those of the record. */
  readonly headers?: ((record: StreamRecord<T>) => readonly Header[]) | undefined
  /**
   * Which timestamp records are written with: `'event'`, `'source'` or `'now'`; default `'event'`, the event time, and for a result that
   * lies ahead of all its input (the end of a window) the highest event time of that. Brokers of Kafka 4 refuse what is more than an hour
   * ahead (`message.timestamp.after.max.ms`). They remove records by these timestamps: results of data older than the topic's
   * `retention.ms` are gone within minutes, unless they are written with `'now'`; event `records-past-retention`.
   */
  readonly timestamps?: Timestamps | undefined
  /** How long a batch that is not full waits for more records, ms; default 0: batches grow while the one before is in flight. */
  readonly linger?: number | undefined
  /** A batch is sent when it reaches this size, bytes before compression; default 512 KiB. Must fit the topic's max.message.bytes. */
  readonly batchBytes?: number | undefined
  /** Default 'all'; anything else loses records when a broker fails, and is refused with exactly-once. */
  readonly acks?: 'all' | 1 | undefined
  readonly compression?: Compression | undefined
  /** Default 'exactly-once'. at-least-once: acked before the checkpoint, doubles after a failure; none: neither. */
  readonly guarantee?: Guarantee | undefined
  /** How long the cluster lets a transaction stay open, ms; must exceed checkpoint interval + timeout. Default: twice that. */
  readonly transactionTimeout?: number | undefined
  /** What the transactional ids and the ledger topic start with; default 'rxweft'. */
  readonly transactionalIdPrefix?: string | undefined
  /** Default: "kafkaSink:" and the topic. Required where the topic is a function and the job has another such sink. */
  readonly id?: OperatorId | undefined
}

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
