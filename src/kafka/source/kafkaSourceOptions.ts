import type { OnError } from '../../attempt.ts'
import { optionNames, unknownOptions } from '../../options.ts'
import type { OperatorId } from '../../record.ts'
import { type Codec, isCodec } from '../../serde/codec.ts'
import { largestSizeLimit } from '../batch/sizeLimit.ts'
import type { StartFrom } from './startOffsets.ts'

/** Options of `kafkaSource`. */
export interface KafkaSourceOptions<T> {
  /** Topic to read. Required unless `topics` is given. */
  readonly topic?: string | undefined
  /** Topics to read. Required unless `topic` is given. */
  readonly topics?: readonly string[] | undefined
  /**
   * Consumer group that receives the offsets with each checkpoint, for tools that show lag; nobody
   * may consume with it. The offsets are a part of the transaction, so this needs an exactly-once
   * Kafka sink on the same cluster. Default: none.
   */
  readonly groupId?: string | undefined
  /**
   * Position at the first start of a job; later starts resume a checkpoint. With shards, each shard
   * resolves it at its own first start. Default 'earliest'.
   */
  readonly startFrom?: StartFrom | undefined
  /**
   * Codec of the values: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema
   * validator (both: JSON, validated).
   */
  readonly value: Codec<T>
  /** Codec of the keys. Default: the bytes, unchanged. */
  readonly key?: Codec<unknown> | undefined
  /**
   * Approximate limit of records in flight between source and sinks; a large record counts once
   * more for each 4 KiB. If records pass slowly, fewer are in flight (about one second's worth), so
   * that a checkpoint need not wait. Default 50,000.
   */
  readonly maxInFlight?: number | undefined
  /**
   * Largest size of a record batch after decompression, bytes, at most 1 GiB. A larger batch is not
   * decompressed: `onError` applies once to the whole batch, and its dead letter has no value but
   * the first and last offset. Default 67,108,864 (64 MiB).
   */
  readonly maxDecompressedBytes?: number | undefined
  /**
   * End of reading: 'latest' reads what exists when the attempt starts, takes a final checkpoint
   * and finishes. Default: no end.
   */
  readonly until?: 'latest' | undefined
  /** Interval between checks for new partitions, ms. Default 30,000. */
  readonly discoveryInterval?: number | undefined
  /** Policy for records that `value` or `key` cannot decode. Default: that of the job. */
  readonly onError?: OnError | undefined
  /** Id of the source. Default: "kafkaSource:" and the topics. */
  readonly id?: OperatorId | undefined
}

/** Wrong option of a source, and what to do about it. */
export interface Problem {
  readonly what: string
  readonly hint: string
}

/** Lists what is wrong with the options, as far as it shows without the cluster. */
export function kafkaSourceProblems<T>(options: KafkaSourceOptions<T>): readonly Problem[] {
  const {
    topic,
    topics = [topic],
    value,
    key,
    maxInFlight = 1,
    groupId = 'none',
    discoveryInterval = 1,
    until,
  } = options
  const { startFrom = 'earliest', maxDecompressedBytes = 1 } = options
  return [
    ...unknownOptions(options, optionNames<KafkaSourceOptions<T>>(names)).map((what) => ({
      what,
      hint: 'Correct the name',
    })),
    unless((topic === undefined) !== (options.topics === undefined), 'give either `topic` or `topics`', named),
    unless(topics.length > 0 && topics.every(isName), `topics: ${topics.join(', ')}`, named),
    unless(new Set(topics).size === topics.length, 'a topic is named twice', 'Name each topic once'),
    unless(isCodec(value), 'value is no codec', 'Say what bytes mean, e.g. value: json()'),
    unless(key === undefined || isCodec(key), 'key is no codec', 'Say what its bytes mean, or leave it out'),
    unless(maxInFlight >= 1, `maxInFlight: ${maxInFlight}`, 'Give a number of records, 1 or more'),
    unless(
      isWhole(maxDecompressedBytes) && maxDecompressedBytes >= 1 && maxDecompressedBytes <= largestSizeLimit,
      `maxDecompressedBytes: ${maxDecompressedBytes}`,
      `Give 1 to ${largestSizeLimit} bytes`,
    ),
    unless(groupId !== '', 'groupId is empty', 'Name a consumer group, or leave it out'),
    unless(isDelay(discoveryInterval), `discoveryInterval: ${discoveryInterval}`, 'Give whole ms, 1 or more'),
    unless(until === undefined || until === 'latest', `until: ${until}`, "Give 'latest', or leave it out"),
    ...unknownStarts(startFrom).map((what) => ({ what: `startFrom: ${what}`, hint: starts })),
    unless(isStart(startFrom), `startFrom: ${JSON.stringify(startFrom)}`, starts),
  ].flat()
}

const names = {
  ...{
    topic: true,
    topics: true,
    groupId: true,
    startFrom: true,
    value: true,
    key: true,
    maxInFlight: true,
    until: true,
  },
  ...{ discoveryInterval: true, maxDecompressedBytes: true, onError: true, id: true },
}

const named = 'Name the topics to read'
const starts = "Give 'earliest', 'latest', { timestamp } in ms, or a list of { topic, partition, offset }"

function isStart(startFrom: StartFrom): boolean {
  if (startFrom === 'earliest' || startFrom === 'latest') return true
  if (typeof startFrom !== 'object' || startFrom === null) return false
  if ('timestamp' in startFrom) return isWhole(startFrom.timestamp)
  return Array.isArray(startFrom) && startFrom.every(({ offset, partition }) => isWhole(offset) && isWhole(partition))
}

function unknownStarts(startFrom: StartFrom): readonly string[] {
  if (typeof startFrom !== 'object' || startFrom === null || !('timestamp' in startFrom)) return []
  return unknownOptions(startFrom, ['timestamp'])
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** setTimeout fires at once when asked for more than 2^31 - 1 ms. */
function isDelay(value: number): boolean {
  return isWhole(value) && value >= 1 && value < 2 ** 31
}

/** Tells whether Kafka allows the name for a topic. */
function isName(name: unknown): boolean {
  return typeof name === 'string' && /^[\w.-]{1,249}$/.test(name)
}

function unless(fine: boolean, what: string, hint: string): readonly Problem[] {
  return fine ? [] : [{ what, hint }]
}
