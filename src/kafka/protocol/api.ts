/**
 * One request type of Kafka's protocol, as data: the encoding of its arguments and the decoding of
 * its answer. All versions used are flexible ones (KIP-482), which Kafka 3.1 and newer support, so
 * strings, arrays and headers each have one form.
 */
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Api<A, R> {
  readonly key: number
  /** Kafka's own name: "EndTxn". */
  readonly name: string
  /** Range of versions that `encode` and `decode` know. */
  readonly min: number
  readonly max: number
  encode(writer: Writer, args: A, version: number): void
  /** Errors are part of the answer, as numbers; brokerErrors.ts has their meaning. */
  decode(reader: Reader, version: number, args: A): R
  /** Newest version for these arguments; default: `max`. */
  newest?(args: A): number
  /** How long a broker may hold the answer back by design, ms. */
  hold?(args: A): number
}

/** A partition in arguments and answers. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}
