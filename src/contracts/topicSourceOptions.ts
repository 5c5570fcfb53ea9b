import type { OnError } from '../attempt.ts'
import { aBoolean, nonEmptyText, onErrorRule, oneOf, required, rule } from '../optionRules.ts'
import type { OptionRule, OptionRules } from '../options.ts'
import type { OperatorId } from '../record.ts'
import { type Codec, codecRule } from '../serde/codec.ts'
import type { Source } from './source.ts'

/** Options shared by the sources that read topics. */
export interface TopicSourceOptions<T> {
  /** Topic to read. Required unless `topics` is given. */
  readonly topic?: string | undefined
  /** Topics to read. Required unless `topic` is given. */
  readonly topics?: readonly string[] | undefined
  /**
   * Codec of the values: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema
   * validator (both: JSON, validated).
   */
  readonly value: Codec<T>
  /** Codec of the keys. Default: the bytes, unchanged. */
  readonly key?: Codec<unknown> | undefined
  /**
   * End of reading: 'latest' reads what exists when the attempt starts, takes a final checkpoint
   * and finishes. Default: no end.
   */
  readonly until?: 'latest' | undefined
  /**
   * Whether the records are partitioned by their key as Kafka's producers do it, so that state kept
   * by this key, without a `keyBy` in between, can move with its partition to another shard. Each
   * record is checked; a topic that gains partitions ends the job, since keys have left their
   * state. Set `key`, too. Default false.
   */
  readonly keyed?: boolean | undefined
  /** Policy for records that `value` or `key` cannot decode. Default: that of the job. */
  readonly onError?: OnError | undefined
  /** Id of the source. Default: name of the function, a colon and the topics. */
  readonly id?: OperatorId | undefined
}

/** @param topic rule of the names that are allowed */
export function topicSourceRules(topic: OptionRule) {
  return {
    topic,
    topics: rule('a list of topic names', (value) => {
      return Array.isArray(value) && value.length > 0 && value.every(topic.is)
    }),
    value: required(codecRule),
    key: codecRule,
    until: oneOf('latest'),
    keyed: aBoolean,
    onError: onErrorRule,
    id: nonEmptyText,
  } satisfies OptionRules<TopicSourceOptions<never>>
}

/** Problems of sources that take either one topic or a list of topics. */
export function topicProblems(given: { readonly topic?: unknown; readonly topics?: unknown }): readonly string[] {
  const { topic, topics } = given ?? {}
  if ((topic === undefined) === (topics === undefined)) return ['exactly one of topic and topics must be given']
  return Array.isArray(topics) && new Set(topics).size < topics.length ? ['topics has a topic twice'] : []
}

/** What a source says of itself before it is opened. */
export function sourceIdentity<T>(
  kind: string,
  { topic, topics = topic === undefined ? [] : [topic], id, onError, until }: TopicSourceOptions<T>,
): Pick<Source<T>, 'id' | 'topics' | 'onError' | 'sharded' | 'bounded'> & { readonly topics: readonly string[] } {
  return { id: id ?? `${kind}:${topics.join(',')}`, topics, onError, sharded: true, bounded: until !== undefined }
}
