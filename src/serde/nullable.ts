/** Tombstones as null, where a plain codec refuses them. */
import { type Codec, serdeOf } from './codec.ts'
import type { Serde } from './serde.ts'

/** null is written as a tombstone, and a tombstone is read as null; everything else goes through `codec`. Throws Fatal NOT_A_CODEC. */
export function nullable<T>(codec: Codec<T>): Serde<T | null> {
  const serde = serdeOf(codec)
  return {
    encode: (value) => (value === null ? null : serde.encode(value)),
    decode: (bytes) => (bytes === null ? null : serde.decode(bytes)),
    parse: (bytes) => (bytes === null ? null : parsed(serde, bytes)),
    open: async () => serde.open?.(),
    ...(serde.encodeText && { encodeText: (value) => (value === null ? null : (serde.encodeText?.(value) ?? null)) }),
    ...(serde.decodeAt && { decodeAt: (bytes, from, end) => serde.decodeAt?.(bytes, from, end) as T }),
    ...(serde.prepare && { prepare: (bytes) => (bytes === null ? undefined : serde.prepare?.(bytes)) }),
  }
}

function parsed<T>(serde: Serde<T>, bytes: Buffer): unknown {
  return serde.parse ? serde.parse(bytes) : serde.decode(bytes)
}
