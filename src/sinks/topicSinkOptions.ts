import { aFunction, nonEmptyText, oneOf, required } from '../optionRules.ts'
import type { OptionRule, OptionRules } from '../options.ts'
import type { Header, OperatorId, StreamRecord } from '../record.ts'
import { type Codec, codecRule } from '../serde/codec.ts'
import type { Partitioner } from './partitioner.ts'
import { allTimestamps, type Timestamps } from './writtenTimestamp.ts'

/** Options shared by the sinks that write to topics. */
export interface TopicSinkOptions<T> {
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
  /** Timestamp to write: `'event'`, `'source'` or `'now'`, see Timestamps. Default `'event'`. */
  readonly timestamps?: Timestamps | undefined
  /**
   * Id of the sink. Default: name of the function, a colon and the topic. Required if the topic is
   * a function and the job has another such sink.
   */
  readonly id?: OperatorId | undefined
}

/** @param topic rule of the option `topic` */
export function topicSinkRules(topic: OptionRule) {
  return {
    topic: required(topic),
    value: required(codecRule),
    key: codecRule,
    partitioner: aFunction,
    headers: aFunction,
    timestamps: oneOf(...allTimestamps),
    id: nonEmptyText,
  } satisfies OptionRules<TopicSinkOptions<never>>
}

/** Id of the sink, and the topics that are known before the first record. */
export function sinkIdentity<T>(
  kind: string,
  { topic, id }: Pick<TopicSinkOptions<T>, 'topic' | 'id'>,
): { readonly id: OperatorId; readonly topics: readonly string[] } {
  const fixed = typeof topic === 'string'
  return { id: id ?? `${kind}:${fixed ? topic : '(by record)'}`, topics: fixed ? [topic] : [] }
}
