/** The source that reads topics of an embedded log: all their partitions, what is committed and nothing else. */

import type { Source } from '../contracts/source.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import { isCodec } from '../serde/codec.ts'
import { recordSerdes } from '../serde/recordSerdes.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSourceOptions, embeddedReader } from './embeddedReader.ts'

/**
 * Throws Fatal BAD_SOURCE_OPTIONS. When the job starts: Fatal TOPIC_MISSING, and where a checkpoint is resumed TOPIC_RECREATED,
 * PARTITION_MISSING or OFFSET_OUT_OF_RANGE. Later: Fatal DECODE_FAILED, Corrupted LOG_DAMAGED.
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
  checkOptionNames('embeddedSource', options, names, 'BAD_SOURCE_OPTIONS')
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
  throw new FatalError('BAD_SOURCE_OPTIONS', what, { hint })
}
