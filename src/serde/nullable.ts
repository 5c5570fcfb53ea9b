import { type Codec, serdeOf } from './codec.ts'
import type { Serde } from './serde.ts'
import { shortcutsOf, withShortcuts } from './shortcuts.ts'

/**
 * Codec that maps null to a tombstone and a tombstone to null; other values use `codec`.
 *
 *     kafkaSource(cluster, { topic: 'users', value: nullable(json<User>()) })
 *
 * @throws NOT_A_CODEC if the argument is not a codec
 */
export function nullable<T>(codec: Codec<T>): Serde<T | null> {
  const serde = serdeOf(codec)
  const { encodeText, decodeAt } = shortcutsOf(serde)
  const made: Serde<T | null> = {
    encode: (value) => (value === null ? null : serde.encode(value)),
    decode: (bytes) => (bytes === null ? null : serde.decode(bytes)),
    parse: (bytes) => (bytes === null ? null : parsed(serde, bytes)),
    open: async () => serde.open?.(),
    ...(serde.prepare && { prepare: (bytes) => (bytes === null ? undefined : serde.prepare?.(bytes)) }),
  }
  return withShortcuts(made, {
    ...(encodeText && { encodeText: (value) => (value === null ? null : encodeText(value)) }),
    ...(decodeAt && { decodeAt }),
  })
}

function parsed<T>(serde: Serde<T>, bytes: Buffer): unknown {
  return serde.parse ? serde.parse(bytes) : serde.decode(bytes)
}
