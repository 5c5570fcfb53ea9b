/** What is wrong with the options of a Kafka sink, as far as that shows without the cluster. */

import { optionNames, unknownOptions } from '../../options.ts'
import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import { type Codec, isCodec } from '../../serde/codec.ts'
import type { Partitioner } from '../../sinks/partitioner.ts'
import type { Guarantee } from '../../sinks/sink.ts'
import { allTimestamps, type Timestamps } from '../../sinks/writtenTimestamp.ts'
import { type Compression, loadCompression } from '../batch/compression.ts'
import { isTopicName } from './topicName.ts'

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

export interface Problem {
  readonly what: string
  readonly hint: string
}

/** The first problem comes first; none: []. Throws Fatal COMPRESSION_UNAVAILABLE where the package for it is not installed. */
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
