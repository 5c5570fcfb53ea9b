/** What is wrong with the options of a Kafka sink, as far as that shows without the cluster. */

import { optionNames, unknownOptions } from '../../options.ts'
import { isCodec } from '../../serde/codec.ts'
import { allTimestamps } from '../../sinks/writtenTimestamp.ts'
import { type Compression, loadCompression } from '../batch/compression.ts'
import type { KafkaSinkOptions } from './kafkaSink.ts'
import { isTopicName } from './topicName.ts'

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
