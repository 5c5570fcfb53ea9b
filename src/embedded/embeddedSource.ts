import type { Source } from '../contracts/source.ts'
import { FatalError } from '../errors.ts'
import { allowed, anything, checkOptions, optional, recordsInFlight } from '../optionValues.ts'
import { isCodec } from '../serde/codec.ts'
import { recordSerdes } from '../serde/recordSerdes.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSourceOptions, embeddedReader } from './embeddedReader.ts'

const optionsOfSource = {
  ...{ topic: anything, topics: anything, onError: anything, id: anything },
  startFrom: optional(allowed("'earliest' or 'latest'", (value) => value === 'earliest' || value === 'latest')),
  value: allowed('a codec, such as json()', isCodec),
  key: optional(allowed('a codec, such as text', isCodec)),
  maxInFlight: optional(recordsInFlight),
  until: optional(allowed("'latest'", (value) => value === 'latest')),
}

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
  checkOptions('embeddedSource', options, optionsOfSource)
  const topics = options.topics ?? (options.topic === undefined ? [] : [options.topic])
  const { maxInFlight = 50_000, id = `embeddedSource:${topics.join(',')}` } = options
  if (topics.length === 0 || (options.topic !== undefined && options.topics !== undefined)) {
    bad('give either `topic` or `topics`', 'Name the topics to read')
  }
  if (new Set(topics).size < topics.length) bad('a topic is named twice', 'Name each topic once')
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
