import { withoutMarker } from '../contracts/marker.ts'
import type { RepartitionSink } from '../contracts/repartition.ts'
import { aFunction, nonEmptyText, rule } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { openSerdes, recordSerdes } from '../serde/recordSerdes.ts'
import type { TransactionalSink } from '../sinks/sink.ts'
import { sinkIdentity, type TopicSinkOptions, topicSinkRules } from '../sinks/topicSinkOptions.ts'
import { embeddedLedger } from './embeddedLedger.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { embeddedWriter } from './embeddedWriter.ts'

/** Options of `embeddedSink`. */
export interface EmbeddedSinkOptions<T> extends TopicSinkOptions<T> {}

const topicRule = rule('the name of a topic, or a function that returns it', (topic) => {
  return aFunction.is(topic) || nonEmptyText.is(topic)
})

/**
 * Writes to topics of an embedded log, exactly once.
 *
 *     to(embeddedSink(log, { topic: 'counts', value: json<Count>() }))
 *
 * Records, source offsets and the decision about a checkpoint are one transaction of the file.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws TOPIC_MISSING when the job starts, or for a record if `topic` is a function
 * @throws NO_SUCH_PARTITION, KEY_NOT_ENCODABLE or RECORD_NOT_WRITABLE for a record; see `onError`
 * @throws LOG_NOT_WRITTEN (Retriable) if the disk is full or fails
 */
export function embeddedSink<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(log, options, false)
}

/**
 * Sink of a topic that the job owns: records keep the timestamps that they have in the job, and
 * their headers but for the one of markers.
 */
export function embeddedRepartitionSink<T>(
  log: EmbeddedLog,
  options: Omit<EmbeddedSinkOptions<T>, 'headers'>,
): RepartitionSink<T> {
  return sinkOf<T>(log, { ...options, headers: ({ headers }) => withoutMarker(headers) }, true)
}

function sinkOf<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>, repartition: boolean): RepartitionSink<T> {
  const core = coreOf(log)
  checkOptions<EmbeddedSinkOptions<T>>('embeddedSink', options, topicSinkRules(topicRule))
  const serdes = recordSerdes(options)
  const ledger = embeddedLedger(core)
  const identity = sinkIdentity('embeddedSink', options)
  return {
    ...identity,
    sharded: true,
    guarantee: 'exactly-once',
    ledger,
    async open(attempt) {
      await openSerdes(serdes)
      const parts = { operator: identity.id, attempt, repartition }
      return embeddedWriter(core, attempt.opened(ledger).enlist(attempt.meter), { ...options, ...serdes, ...parts })
    },
  }
}
