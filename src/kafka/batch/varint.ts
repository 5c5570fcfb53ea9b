/**
 * Zigzag-encoded varints: 0, -1, 1, -2 ... become 0, 1, 2, 3 ..., seven bits a byte, lowest first.
 * Most fields of a record take one byte. Beyond 32 bits (timestamps far apart) the code uses
 * ordinary arithmetic, exact up to 2^52.
 */

/** Writes the number and returns the position after it. The buffer must have room. */
export function writeVarint(buffer: Uint8Array, position: number, value: number): number {
  let at = position
  let rest = zigzag(value)
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}

export function varintSize(value: number): number {
  if (value >= -64 && value < 64) return 1
  if (value >= -8192 && value < 8192) return 2
  let rest = zigzag(value)
  let bytes = 1
  while (rest > 0x7f) {
    rest = Math.floor(rest / 128)
    bytes += 1
  }
  return bytes
}

/** Factor of the tenth byte, which holds the last of 64 bits. */
const tooLong = 2 ** 63

/**
 * Reads the number at `input.at` and advances. Bytes beyond the end read as 0, which ends the
 * number. A number longer than 64 bits sets `at` to Infinity, which no bounds check accepts.
 */
export function readVarint(input: { readonly bytes: Uint8Array; at: number }): number {
  const { bytes } = input
  const first = bytes[input.at++] as number
  if (first < 0x80) return (first >>> 1) ^ -(first & 1)
  const second = bytes[input.at++] as number
  if (second < 0x80) {
    const value = (first & 0x7f) | (second << 7)
    return (value >>> 1) ^ -(value & 1)
  }
  let value = (first & 0x7f) + (second & 0x7f) * 128
  for (let factor = 128 * 128; ; factor *= 128) {
    const byte = bytes[input.at++] as number
    value += (byte & 0x7f) * factor
    if (!(byte >= 0x80)) return unzigzag(value)
    if (factor === tooLong) {
      input.at = Infinity
      return 0
    }
  }
}

/** Decodes zigzag. */
export function unzigzag(encoded: number): number {
  return encoded % 2 === 0 ? encoded / 2 : -(encoded + 1) / 2
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
