/**
 * One request of Kafka's protocol, as data: how its arguments become bytes and how its answer comes
 * back. Every version used here is a flexible one (KIP-482), which Kafka 3.1 and newer all serve;
 * so there is one form of strings and arrays, and one header.
 */
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Api<A, R> {
  readonly key: number
  /** Kafka's own name: "EndTxn". */
  readonly name: string
  /** The versions that `encode` and `decode` know. */
  readonly min: number
  readonly max: number
  encode(writer: Writer, args: A, version: number): void
  /** Errors are part of the answer, as numbers: brokerErrors.ts knows what they mean. */
  decode(reader: Reader, version: number, args: A): R
  /** The newest version that can carry these arguments, where not all can. */
  newest?(args: A): number
  /** How long a broker may hold the answer back without being in trouble, ms. */
  hold?(args: A): number
}

/** Names a partition in arguments and answers. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}
