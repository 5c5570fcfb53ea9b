/**
 * How values become bytes and come back: for records and for state. What users give is a `Codec` (codec.ts); this is what it becomes.
 *
 * `decode` throws on bytes that are not what they should be; the source then says where. Such a message names places and types, never a value
 * of the data. A null is a tombstone: wrap a codec in `nullable` to let it through.
 */
import type { Buffer } from 'node:buffer'

export interface Serde<T> {
  /** Throws on what would not come back as it is. */
  encode(value: T): Uint8Array | null
  /**
   * Throws where the bytes are at fault: any Error, or an rxweft one with `badRecord`. Any other rxweft error means what it says: one that is
   * Retriable ends the attempt. Bytes in what it returns may be views of `bytes`.
   */
  decode(bytes: Buffer | null): T
  /** What the bytes say before any validation (of JSON: what JSON.parse returns), for those who migrate it. Where absent: as `decode`. */
  parse?(bytes: Buffer | null): unknown
  /** What encoding and decoding need first, say a schema that is registered somewhere. Awaited when a source or sink opens, in every attempt. */
  open?(): Promise<void>
  /**
   * Called with the bytes before `decode` where decoding may need something first, say the schema that they were written with.
   *
   * @returns undefined: go on at once. A promise: `decode` is called once it has settled. If it rejects with an rxweft error that is no bad
   *   record, the attempt ends with that; whatever else is wrong, `decode` is called all the same, and is to throw.
   */
  prepare?(bytes: Buffer | null): Promise<void> | undefined
}
