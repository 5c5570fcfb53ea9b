/** What is wrong with the options of a Kafka source, as far as that shows without the cluster. */

import type { OnError } from '../../attempt.ts'
import { optionNames, unknownOptions } from '../../options.ts'
import type { OperatorId } from '../../record.ts'
import { type Codec, isCodec } from '../../serde/codec.ts'
import { largestSizeLimit } from '../batch/sizeLimit.ts'
import type { StartFrom } from './startOffsets.ts'

export interface KafkaSourceOptions<T> {
  readonly topic?: string | undefined
  /** Instead of `topic`. */
  readonly topics?: readonly string[] | undefined
  /**
   * A consumer group of this name gets the offsets with each checkpoint, so that lag tools show progress. Nobody may consume with it.
   * They are part of the transaction, so this needs an exactly-once Kafka sink on the same cluster; other jobs do not write them.
   */
  readonly groupId?: string | undefined
  /**
   * Only for the first start of a job: later ones resume their checkpoint. Default 'earliest'. Over shards, that of each counts: 'latest' is where the
   * partition ends when its shard first starts.
   */
  readonly startFrom?: StartFrom | undefined
  /** How bytes become values: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema validator (both: JSON, validated). */
  readonly value: Codec<T>
  /** Default: the key's bytes as they are. */
  readonly key?: Codec<unknown> | undefined
  /**
   * About this many records at most are in flight between source and sinks, large ones counting once more for each 4 KiB; default 50,000. Where
   * they pass slowly there are fewer: what passes in about a second, so that a checkpoint need not wait for longer.
   */
  readonly maxInFlight?: number | undefined
  /**
   * The largest size of one record batch after decompression, bytes; default 67,108,864 (64 MiB), at most 1 GiB. A batch that has more is not
   * decompressed: `onError` decides, once for the whole batch, and a dead letter of it has no value, but the first and the last offset.
   */
  readonly maxDecompressedBytes?: number | undefined
  /** 'latest': read what is there when the attempt starts, take a final checkpoint, complete. Default: read on for ever. */
  readonly until?: 'latest' | undefined
  /** How often new partitions are looked for, ms; default 30,000. */
  readonly discovery?: number | undefined
  /** What becomes of records that `value` or `key` cannot decode; default: what the job says. */
  readonly onError?: OnError | undefined
  /** Default: "kafkaSource:" and the topics. */
  readonly id?: OperatorId | undefined
}

export interface Problem {
  readonly what: string
  readonly hint: string
}

/** The first problem comes first; none: []. */
export function kafkaSourceProblems<T>(options: KafkaSourceOptions<T>): readonly Problem[] {
  const { topic, topics = [topic], value, key, maxInFlight = 1, groupId = 'none', discovery = 1, until } = options
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
    unless(isDelay(discovery), `discovery: ${discovery}`, 'Give whole ms, 1 or more'),
    unless(until === undefined || until === 'latest', `until: ${until}`, "Give 'latest', or leave it out"),
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
  ...{ discovery: true, maxDecompressedBytes: true, onError: true, id: true },
}

const named = 'Name the topics to read'
const starts = "Give 'earliest', 'latest', { timestamp } in ms, or a list of { topic, partition, offset }"

function isStart(startFrom: StartFrom): boolean {
  if (startFrom === 'earliest' || startFrom === 'latest') return true
  if (typeof startFrom !== 'object' || startFrom === null) return false
  if ('timestamp' in startFrom) return isWhole(startFrom.timestamp)
  return Array.isArray(startFrom) && startFrom.every(({ offset, partition }) => isWhole(offset) && isWhole(partition))
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** setTimeout fires at once when asked for more than 2^31 - 1 ms. */
function isDelay(value: number): boolean {
  return isWhole(value) && value >= 1 && value < 2 ** 31
}

/** What Kafka allows as the name of a topic. */
function isName(name: unknown): boolean {
  return typeof name === 'string' && /^[\w.-]{1,249}$/.test(name)
}

function unless(fine: boolean, what: string, hint: string): readonly Problem[] {
  return fine ? [] : [{ what, hint }]
}
