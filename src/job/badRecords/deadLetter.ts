/** What a job keeps of a record that it could not process, and the policy that says where. */
import type { BadRecord } from '../../attempt.ts'
import type { Header, OperatorId, StreamRecord } from '../../record.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'

/**
 * The record as it came to who could not process it: to a source as bytes, or decoded where only its timestamp is bad; to an operator as its
 * input; to a sink as what it was to write.
 */
export interface DeadLetter {
  readonly value: unknown
  readonly key: unknown
  /** ms since the epoch */
  readonly timestamp: number
  readonly headers: readonly Header[]
  /** Where it was read. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Where a whole record batch could not be read: its last offset. Then `offset` is its first, and there is neither value nor key. */
  readonly lastOffset?: number
  /** Who could not process it, and why: as in the error that the job would have ended with. */
  readonly operator: OperatorId
  readonly code: string
  readonly message: string
  readonly job: string
}

/** Made by `deadLetter`. */
export interface DeadLetterPolicy {
  readonly deadLetters: TransactionalSink<DeadLetter>
}

/**
 * For `defineJob(..., { onError: deadLetter(sink) })`: bad records go into this sink, in the same transaction as the output of the records
 * around them, so they too are there exactly once. A letter that the sink refuses ends the job; it should take larger records than the others do.
 * Kafka's timestamp of a letter is the time at which it was written.
 */
export function deadLetter(sink: TransactionalSink<DeadLetter>): DeadLetterPolicy {
  return { deadLetters: sink }
}

/**
 * A letter as a record: with the key, where a sink can write it as it is, and the headers and the place of the bad one.
 *
 * @param writtenTime that it is written with: the bad record's own may be what is wrong with it, or so old that the letter would be removed
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
  const plainKey = typeof key === 'string' || key instanceof Uint8Array ? key : null
  return { kind: 'record', value: letter, timestamp, key: plainKey, headers, split, offset, writtenTime }
}
