import type { RepartitionSource } from '../contracts/repartition.ts'
import type { Source } from '../contracts/source.ts'
import { sourceIdentity, topicProblems, topicSourceRules } from '../contracts/topicSourceOptions.ts'
import { nonEmptyText, numberFrom, oneOf } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { recordSerdes } from '../serde/recordSerdes.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSourceOptions, embeddedReader } from './embeddedReader.ts'

const rules: OptionRules<EmbeddedSourceOptions<never>> = {
  ...topicSourceRules(nonEmptyText),
  startFrom: oneOf('earliest', 'latest'),
  maxInFlight: numberFrom(1),
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
  return sourceOf(log, options, false)
}

/** Source of a topic that the job owns, with markers between its records. */
export function embeddedRepartitionSource<T>(
  log: EmbeddedLog,
  options: EmbeddedSourceOptions<T>,
): RepartitionSource<T> {
  return sourceOf(log, options, true)
}

function sourceOf<T>(log: EmbeddedLog, options: EmbeddedSourceOptions<T>, repartition: boolean): RepartitionSource<T> {
  const core = coreOf(log)
  checkOptions<EmbeddedSourceOptions<T>>('embeddedSource', options, rules, { problems: topicProblems(options) })
  const identity = sourceIdentity('embeddedSource', options)
  const serdes = recordSerdes(options)
  const parts = { topics: identity.topics, source: identity.id, repartition }
  return {
    ...identity,
    startsAnywhere: !repartition,
    maxInFlight: options.maxInFlight ?? 50_000,
    open: (attempt) => embeddedReader(attempt, core, { ...options, ...serdes, ...parts }),
  }
}
