import type { BadRecord } from '../../attempt.ts'
import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'

/**
 * Record that could not be processed, with the reason.
 *
 * The content is the input of the failing step: the bytes that a source could not decode (or the
 * decoded value, if only its timestamp is bad), the input of an operator, the output for a sink.
 */
export interface DeadLetter {
  /** Value: bytes if decoding failed, otherwise as the failing step received it. */
  readonly value: unknown
  /** Key, in the form of `value`. */
  readonly key: unknown
  /** Event time of the record, ms since the epoch. */
  readonly timestamp: number
  /** Headers of the record. */
  readonly headers: readonly Header[]
  /** Topic from which the record was read. */
  readonly topic: string
  /** Partition from which the record was read. */
  readonly partition: number
  /** Offset of the record. */
  readonly offset: number
  /**
   * Last offset of a record batch that cannot be read as a whole; `offset` is its first one, and
   * value and key are absent.
   */
  readonly lastOffset?: number
  /** Id of the source, operator or sink that failed. */
  readonly operator: OperatorId
  /** Code of the error with which the job would have ended. */
  readonly code: string
  /** Message of that error. */
  readonly message: string
  /** Name of the job. */
  readonly job: string
}

/** Policy that keeps bad records in a sink, made by `deadLetter`. */
export interface DeadLetterPolicy {
  /** Sink of the dead letters. */
  readonly deadLetters: TransactionalSink<DeadLetter>
}

/**
 * Keeps bad records in a sink: `defineJob(name, pipeline, { onError: deadLetter(sink) })`.
 *
 * Letters are written in the same transaction as the output around them, so they too are written
 * exactly once. A letter that the sink refuses ends the job, so let the sink accept larger records
 * than the other sinks do. In Kafka, the timestamp of a letter is the time of writing.
 */
export function deadLetter(sink: TransactionalSink<DeadLetter>): DeadLetterPolicy {
  return { deadLetters: sink }
}

/**
 * Turns a letter into a record with the headers and the place of the bad record, and with its key
 * if a sink can write the key unchanged.
 *
 * @param writtenTime timestamp to write: the record's own may be wrong, or so old that the letter
 *   would be removed at once
 */
export function letterOf(
  job: string,
  { record, operator, error }: BadRecord,
  writtenTime?: number,
): StreamRecord<DeadLetter> {
  const { value, key, timestamp, headers, split, offset } = record
  const { topic, partition } = split
  const { code, message } = error
  const { lastOffset } = error.where ?? {}
  const batch = lastOffset === undefined ? {} : { lastOffset }
  const letter = { value, key, timestamp, headers, topic, partition, offset, ...batch, operator, code, message, job }
  return {
    kind: 'record',
    value: letter,
    timestamp,
    key: isWritable(key) ? key : null,
    headers,
    split,
    offset,
    writtenTime,
  }
}

/**
 * Whether any sink can write the key without a codec: a letter must not be refused for its record's
 * fault.
 */
function isWritable(key: unknown): boolean {
  return typeof key === 'string' ? key.isWellFormed() : key instanceof Uint8Array
}
