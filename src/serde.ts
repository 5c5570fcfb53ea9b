/**
 * How values become bytes and come back. `decode` throws on bytes that are not what they should be: the source then says where.
 * A null value is a tombstone: wrap a serde in `nullable` to let them through.
 */
import { Buffer, isUtf8 } from 'node:buffer'

export interface Serde<T> {
  encode(value: T): Uint8Array | null
  decode(bytes: Buffer | null): T
  /** What the bytes say, before anything is checked; default: as `decode`. */
  parse?(bytes: Buffer | null): unknown
}

export const bytes: Serde<Buffer> = {
  encode: (value) => value,
  decode: present,
}

/** UTF-8. Refuses bytes that are not, since replacing them would change the data. */
export const text: Serde<string> = {
  encode: (value) => Buffer.from(value, 'utf8'),
  decode(bytes) {
    const decoded = present(bytes).toString('utf8')
    if (decoded.includes('\uFFFD') && !isUtf8(bytes as Buffer)) throw new TypeError('the bytes are not valid UTF-8')
    return decoded
  },
}

/** Lets tombstones through as null, where a plain serde refuses them. */
export function nullable<T>(serde: Serde<T>): Serde<T | null> {
  return {
    encode: (value) => (value === null ? null : serde.encode(value)),
    decode: (bytes) => (bytes === null ? null : serde.decode(bytes)),
  }
}

function present(bytes: Buffer | null): Buffer {
  if (bytes === null) throw new TypeError('the value is null (a tombstone); use nullable(serde) to keep tombstones')
  return bytes
}

// Stand-ins until the room of the codecs is there.
export type Codec<T> = Serde<T>
export function isCodec(given: unknown): boolean {
  const { encode, decode } = (given ?? {}) as Partial<Serde<unknown>>
  return typeof encode === 'function' && typeof decode === 'function'
}
export function serdeOf<T>(codec: Codec<T>): Serde<T> {
  return codec
}
export function json<T>(): Serde<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse((bytes as Buffer).toString()) as T,
  }
}
