import type { Source } from '../contracts/source.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import { isCodec } from '../serde/codec.ts'
import { recordSerdes } from '../serde/recordSerdes.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSourceOptions, embeddedReader } from './embeddedReader.ts'

/**
 * Reads topics of an embedded log: all partitions, committed records only.
 *
 *     from(embeddedSource(log, { topic: 'lines', value: text }))
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws TOPIC_MISSING when the job starts
 * @throws OFFSET_OUT_OF_RANGE, TOPIC_RECREATED or PARTITION_MISSING when a checkpoint is resumed on
 *   a log that no longer fits
 * @throws DECODE_FAILED for a record that `value` or `key` cannot decode; see `onError`
 */
export function embeddedSource<T>(log: EmbeddedLog, options: EmbeddedSourceOptions<T>): Source<T> {
  const core = coreOf(log)
  const names = {
    topic: true,
    topics: true,
    startFrom: true,
    value: true,
    key: true,
    maxInFlight: true,
    until: true,
    onError: true,
    id: true,
  } as const
  checkOptionNames('embeddedSource', options, names)
  const topics = options.topics ?? (options.topic === undefined ? [] : [options.topic])
  const { maxInFlight = 50_000, id = `embeddedSource:${topics.join(',')}` } = options
  if (topics.length === 0 || (options.topic !== undefined && options.topics !== undefined)) {
    bad('give either `topic` or `topics`', 'Name the topics to read')
  }
  if (new Set(topics).size < topics.length) bad('a topic is named twice', 'Name each topic once')
  if (!(maxInFlight >= 1)) bad(`maxInFlight: ${maxInFlight}`, 'Give a number of records, 1 or more')
  if (!isCodec(options.value)) bad('value is no codec', 'Say what bytes mean, e.g. value: json()')
  if (options.key !== undefined && !isCodec(options.key))
    bad('key is no codec', 'Say what its bytes mean, or leave it out')
  const serdes = recordSerdes(options)
  return {
    id,
    topics,
    maxInFlight,
    onError: options.onError,
    sharded: true,
    bounded: options.until !== undefined,
    open: (attempt) => embeddedReader(attempt, core, { ...options, ...serdes, topics, source: id }),
  }
}

function bad(what: string, hint: string): never {
  throw new FatalError('BAD_OPTION', what, { hint })
}
