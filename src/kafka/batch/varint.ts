/**
 * Variable-length signed numbers, zigzag-encoded: 0, -1, 1, -2 ... are 0, 1, 2, 3 ..., seven bits a byte, lowest first. One byte for
 * most of what is in a record; beyond 32 bits, for timestamps far apart, with ordinary arithmetic, exact up to 2^52.
 */

/** Writes the number and returns the position behind it. There must be room. */
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
  let rest = zigzag(value)
  let bytes = 1
  while (rest > 0x7f) {
    rest = Math.floor(rest / 128)
    bytes += 1
  }
  return bytes
}

/** The inverse of zigzag encoding. */
export function unzigzag(encoded: number): number {
  return encoded % 2 === 0 ? encoded / 2 : -(encoded + 1) / 2
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
