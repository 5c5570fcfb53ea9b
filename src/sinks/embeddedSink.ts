/**
 * The sink that writes to topics of an embedded log, exactly once: records, source offsets and the decision about a checkpoint are one
 * transaction of the log file (embedded/embeddedLedger.ts).
 */
import type { Header, OperatorId, StreamRecord } from '../element.ts'
import { embeddedLedger } from '../embedded/embeddedLedger.ts'
import { coreOf, type EmbeddedLog } from '../embedded/embeddedLog.ts'
import { FatalError } from '../errors.ts'
import type { Serde } from '../serde.ts'
import { embeddedWriter } from './embeddedWriter.ts'
import type { Partitioner } from './partitioner.ts'
import type { TransactionalSink } from './sink.ts'

export interface EmbeddedSinkOptions<T> {
  /** The topic, or which one for this record. */
  readonly topic: string | ((record: StreamRecord<T>) => string)
  readonly value: Serde<T>
  /** How `record.key` becomes bytes. By default bytes, strings (UTF-8) and null pass as they are. */
  readonly key?: Serde<never> | undefined
  /** Chooses a partition once for each record. Default: by key as Kafka does, without a key that of the source record. */
  readonly partitioner?: Partitioner | undefined
  /** The headers to write; default: those of the record. */
  readonly headers?: ((record: StreamRecord<T>) => readonly Header[]) | undefined
  /** Default: "embeddedSink:" and the topic. Required where the topic is a function and the job has another such sink. */
  readonly id?: OperatorId | undefined
}

/**
 * Throws Fatal BAD_SINK_OPTIONS. When the job starts: Fatal TOPIC_MISSING. While it runs: Fatal TOPIC_MISSING, NO_SUCH_PARTITION,
 * KEY_NOT_ENCODABLE, RECORD_NOT_WRITABLE; Retriable LOG_NOT_WRITTEN; Fenced EPOCH_FENCED.
 */
export function embeddedSink<T>(log: EmbeddedLog, options: EmbeddedSinkOptions<T>): TransactionalSink<T> {
  const core = coreOf(log)
  const { topic } = options
  if (typeof topic !== 'function' && (typeof topic !== 'string' || topic === '')) {
    throw new FatalError('BAD_SINK_OPTIONS', 'the sink has no topic', {
      hint: 'Name a topic, or give a function that does',
    })
  }
  const ledger = embeddedLedger(core)
  const id = options.id ?? `embeddedSink:${typeof topic === 'string' ? topic : '(by record)'}`
  return {
    id,
    topics: typeof topic === 'string' ? [topic] : [],
    guarantee: 'exactly-once',
    ledger,
    open: async (attempt) => embeddedWriter(core, attempt.opened(ledger).enlist(), { ...options, operator: id }),
  }
}
