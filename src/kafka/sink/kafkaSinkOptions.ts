import { optionNames, unknownOptions } from '../../options.ts'
import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import { type Codec, isCodec } from '../../serde/codec.ts'
import type { Partitioner } from '../../sinks/partitioner.ts'
import type { Guarantee } from '../../sinks/sink.ts'
import { allTimestamps, type Timestamps } from '../../sinks/writtenTimestamp.ts'
import { type Compression, loadCompression } from '../batch/compression.ts'
import { isTopicName } from './topicName.ts'

/** Options of `kafkaSink`. */
export interface KafkaSinkOptions<T> {
  /** Topic, or a function that returns the topic of a record. */
  readonly topic: string | ((record: StreamRecord<T>) => string)
  /**
   * Codec of the values: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema
   * validator (both: JSON).
   */
  readonly value: Codec<T>
  /**
   * Codec of `record.key`. Default: bytes and null unchanged, strings as UTF-8, numbers, bigints
   * and booleans as their printed text.
   */
  readonly key?: Codec<unknown> | undefined
  /**
   * Chooses the partition, once for each record. Default `byKey`: as Kafka's Java client; a record
   * without a key keeps its source partition.
   */
  readonly partitioner?: Partitioner | undefined
  /** Headers to write. Default: those of the record. */
  readonly headers?: ((record: StreamRecord<T>) => readonly Header[]) | undefined
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
  /**
   * Id of the sink. Default: "kafkaSink:" and the topic. Required if the topic is a function and
   * the job has another such sink.
   */
  readonly id?: OperatorId | undefined
}

/** Wrong option of a sink, and what to do about it. */
export interface Problem {
  readonly what: string
  readonly hint: string
}

/**
 * Lists what is wrong with the options, as far as it shows without the cluster.
 *
 * @throws COMPRESSION_UNAVAILABLE if the package of the compression is not installed
 */
export function kafkaSinkProblems<T>(options: KafkaSinkOptions<T>): readonly Problem[] {
  const {
    topic,
    value,
    key,
    guarantee = 'exactly-once',
    acks = 'all',
    compression = 'none',
    timestamps = 'event',
  } = options
  const { linger = 0, batchBytes = 1_024, transactionTimeout = 1, transactionalIdPrefix = 'rxweft' } = options
  const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
  const problems = [
    ...unknownOptions(options, optionNames<KafkaSinkOptions<T>>(names)).map((what) => ({
      what,
      hint: 'Correct the name',
    })),
    unless(typeof topic === 'function' || isTopicName(topic), `topic: ${topic}`, 'Name the topic, or give a function'),
    unless(isCodec(value), 'value is no codec', 'Say how values become bytes, e.g. value: json()'),
    unless(key === undefined || isCodec(key), 'key is no codec', 'Say how keys become bytes, or leave it out'),
    unless(guarantees.has(guarantee), `guarantee: ${guarantee}`, `Give ${[...guarantees].join(', ')}`),
    unless(acks === 'all' || acks === 1, `acks: ${acks}`, "Give 'all' or 1"),
    unless(
      guarantee !== 'exactly-once' || acks === 'all',
      `acks: ${acks} cannot be exactly once`,
      "Set acks: 'all', or guarantee: 'at-least-once' or 'none'",
    ),
    unless(compressions.includes(compression), `compression: ${compression}`, `Give ${compressions.join(', ')}`),
    unless(allTimestamps.includes(timestamps), `timestamps: ${timestamps}`, "Give 'event', 'source' or 'now'"),
    unless(linger >= 0 && linger <= 60_000, `linger: ${linger}`, 'Give 0 to 60000 ms'),
    unless(
      batchBytes >= 1_024 && batchBytes <= 2 ** 28,
      `batchBytes: ${batchBytes}`,
      'Give 1024 to 268435456 bytes, and no more than the topic takes (max.message.bytes)',
    ),
    unless(
      Number.isInteger(transactionTimeout) && transactionTimeout > 0 && transactionTimeout < 2 ** 31,
      `transactionTimeout: ${transactionTimeout}`,
      'Give whole ms, more than checkpoint interval and timeout together',
    ),
    unless(
      isTopicName(transactionalIdPrefix) && transactionalIdPrefix.length <= 100,
      `transactionalIdPrefix: ${transactionalIdPrefix}`,
      'The ledger topic is named after it: give letters, digits, ., _ and -, at most 100',
    ),
  ].flat()
  if (problems.length === 0) loadCompression(compression)
  return problems
}

const names = {
  ...{
    topic: true,
    value: true,
    key: true,
    partitioner: true,
    headers: true,
    timestamps: true,
    linger: true,
    batchBytes: true,
    acks: true,
  },
  ...{ compression: true, guarantee: true, transactionTimeout: true, transactionalIdPrefix: true, id: true },
}

const guarantees: ReadonlySet<unknown> = new Set(['exactly-once', 'at-least-once', 'none'])

function unless(fine: boolean, what: string, hint: string): readonly Problem[] {
  return fine ? [] : [{ what, hint }]
}
