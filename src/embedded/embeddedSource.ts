import type { Source } from '../contracts/source.ts'
import { nonEmptyText, numberFrom, onErrorRule, oneOf, required, topicProblems, topicsRule } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { codecRule } from '../serde/codec.ts'
import { recordSerdes } from '../serde/recordSerdes.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSourceOptions, embeddedReader } from './embeddedReader.ts'

const rules: OptionRules<EmbeddedSourceOptions<never>> = {
  topic: nonEmptyText,
  topics: topicsRule,
  startFrom: oneOf('earliest', 'latest'),
  value: required(codecRule),
  key: codecRule,
  maxInFlight: numberFrom(1),
  until: oneOf('latest'),
  onError: onErrorRule,
  id: nonEmptyText,
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
  checkOptions<EmbeddedSourceOptions<T>>('embeddedSource', options, rules, { problems: topicProblems(options) })
  const topics = options.topics ?? (options.topic === undefined ? [] : [options.topic])
  const { maxInFlight = 50_000, id = `embeddedSource:${topics.join(',')}` } = options
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
