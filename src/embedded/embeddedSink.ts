/**
 * The sink that writes to topics of an embedded log, exactly once: records, source offsets and the decision about a checkpoint are one
 * transaction of the log file (embedded/embeddedLedger.ts).
 */

import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import { isCodec } from '../serde/codec.ts'
import { openSerdes, recordSerdes } from '../serde/recordSerdes.ts'
import type { TransactionalSink } from '../sinks/sink.ts'
import { allTimestamps } from '../sinks/writtenTimestamp.ts'
import { embeddedLedger } from './embeddedLedger.ts'
import { coreOf, type EmbeddedLog } from './embeddedLog.ts'
import { type EmbeddedSinkOptions, embeddedWriter } from './embeddedWriter.ts'

/**
 * Throws Fatal BAD_SINK_OPTIONS. When the job starts: Fatal TOPIC_MISSING. While it runs: Fatal TOPIC_MISSING, NO_SUCH_PARTITION,
 * KEY_NOT_ENCODABLE, RECORD_NOT_WRITABLE; Retriable LOG_NOT_WRITTEN; Fenced EPOCH_FENCED.
 */
export function embeddedSink<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(log, options, false)
}

/** The sink of a topic that a job has to itself: the timestamps are those that records have in the job. */
export function embeddedRepartitionSink<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>): TransactionalSink<T> {
  return sinkOf(log, options, true)
}

function sinkOf<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>, repartition: boolean): TransactionalSink<T> {
  const core = coreOf(log)
  const names = {
    topic: true,
    value: true,
    key: true,
    partitioner: true,
    headers: true,
    timestamps: true,
    id: true,
  } as const
  checkOptionNames('embeddedSink', options, names, 'BAD_SINK_OPTIONS')
  const { topic } = options
  if (typeof topic !== 'function' && (typeof topic !== 'string' || topic === '')) {
    bad('the sink has no topic', 'Name a topic, or give a function that does')
  }
  if (!isCodec(options.value)) bad('value is no codec', 'Say how values become bytes, e.g. value: json()')
  if (options.key !== undefined && !isCodec(options.key))
    bad('key is no codec', 'Say how keys become bytes, or leave it out')
  if (!allTimestamps.includes(options.timestamps ?? 'event')) {
    bad(`timestamps: ${options.timestamps}`, "Give 'event', 'source' or 'now'")
  }
  const serdes = recordSerdes(options)
  const ledger = embeddedLedger(core)
  const id = options.id ?? `embeddedSink:${typeof topic === 'string' ? topic : '(by record)'}`
  return {
    id,
    topics: typeof topic === 'string' ? [topic] : [],
    sharded: true,
    guarantee: 'exactly-once',
    ledger,
    async open(attempt) {
      await openSerdes(serdes)
      const parts = { operator: id, clock: attempt.clock, repartition }
      return embeddedWriter(core, attempt.opened(ledger).enlist(), { ...options, ...serdes, ...parts })
    },
  }
}

function bad(what: string, hint: string): never {
  throw new FatalError('BAD_SINK_OPTIONS', what, { hint })
}
