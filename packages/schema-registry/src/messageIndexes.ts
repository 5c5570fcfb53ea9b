/**
 * Index of a record's message within a .proto file: that of a message of the file, then of one
 * within it, and so on. Numbers are zigzag varints, their count comes first, and the first message
 * of a file is abbreviated to a single 0.
 *
 *     00                [0]
 *     04 02 00          [1, 0]: the first message within the second one
 *
 * Source:
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export function encodeIndexes(indexes: readonly number[]): Uint8Array {
  if (indexes.length === 1 && indexes[0] === 0) return Uint8Array.of(0)
  return Uint8Array.from([indexes.length, ...indexes].flatMap(varint))
}

/**
 * Decodes the indexes; `end` is the start of the message. Throws a TypeError on invalid indexes.
 */
export function decodeIndexes(bytes: Uint8Array): { readonly indexes: readonly number[]; readonly end: number } {
  let end = 0
  function next(): number {
    let raw = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[end++]
      if (byte === undefined || factor > 2 ** 28) throw new TypeError('the record does not say which message it is')
      raw += (byte & 0x7f) * factor
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
  }
  const count = next()
  // A count that is none must not make an array of that length: each index has a byte at least.
  if (count < 0 || count > bytes.length - end) throw new TypeError('the record does not say which message it is')
  const indexes = count === 0 ? [0] : Array.from({ length: count }, next)
  return { indexes, end }
}

/** Encodes a number, from 0. */
function varint(value: number): readonly number[] {
  const bytes: number[] = []
  let left = value * 2
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return [...bytes, left]
}
