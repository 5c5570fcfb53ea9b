/** What is wrong with the options of a Kafka source, as far as that shows without the cluster. */

import { optionNames, unknownOptions } from '../../options.ts'
import { isCodec } from '../../serde/codec.ts'
import { largestSizeLimit } from '../batch/sizeLimit.ts'
import type { KafkaSourceOptions } from './kafkaSource.ts'
import type { StartFrom } from './startOffsets.ts'

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
