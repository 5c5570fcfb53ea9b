import type { Buffer } from 'node:buffer'

/**
 * Conversion between values and bytes, for records and for state.
 *
 * Messages of its errors name places and types, never a value of the data. Null bytes are a
 * tombstone in Kafka: wrap a codec in `nullable` to accept them.
 */
export interface Serde<T> {
  /** Encodes a value. Throws if the value would not come back unchanged. */
  encode(value: T): Uint8Array | null
  /**
   * Decodes bytes; the result may contain views of them.
   *
   * Throws if the bytes are bad: any Error, or an rxweft error with `badRecord`. Any other rxweft
   * error keeps its own consequence: a Retriable one ends the attempt.
   */
  decode(bytes: Buffer | null): T
  /**
   * Decodes without validation (JSON: the result of JSON.parse), for migrations. Default: `decode`.
   */
  parse?(bytes: Buffer | null): unknown
  /**
   * Prepares encoding and decoding, such as registering a schema. Awaited when a source or sink
   * opens, in every attempt. Default: nothing to prepare.
   */
  open?(): Promise<void>
  /**
   * Fetches what decoding these bytes needs, such as the schema with which they were written.
   * Called before `decode`. Default: nothing to fetch.
   *
   * @returns undefined to decode at once, or a promise: `decode` is called after it has settled. If
   *   it rejects with an rxweft error that is not a bad record, the attempt ends; after any other
   *   rejection, `decode` is called and should throw
   */
  prepare?(bytes: Buffer | null): Promise<void> | undefined
}
