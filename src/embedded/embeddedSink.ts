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

/** Sink of a topic that the job owns: records keep the timestamps that they have in the job. */
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
  checkOptionNames('embeddedSink', options, names)
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
  throw new FatalError('BAD_OPTION', what, { hint })
}
