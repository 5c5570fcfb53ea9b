/**
 * Avro's 64-bit integers, exactly. avsc itself gets those below -2^52 wrong without a word: its
 * arithmetic needs one bit more than a number has.
 *
 *   zigzag: 0 -1 1 -2 2 ... -> 0 1 2 3 4 ..., then a varint, 7 bits a byte, the low ones first
 */

/**
 * Decodes a long: a number, or a bigint if no number is exact. Throws a TypeError beyond 64 bits.
 */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > 10) throw new TypeError('a long has more than 64 bits')
  if (bytes.length > 7) return decodeLarge(bytes)
  let raw = 0
  for (let at = bytes.length - 1; at >= 0; at--) raw = raw * 128 + ((bytes[at] as number) & 0x7f)
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
}

function decodeLarge(bytes: Uint8Array): number | bigint {
  const bits = bytes.reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n)
  const raw = BigInt.asUintN(64, bits)
  const value = raw % 2n === 0n ? raw / 2n : -(raw + 1n) / 2n
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

export function encodeLong(value: number | bigint): Buffer {
  if (typeof value === 'bigint' || Math.abs(value) >= 2 ** 51) return encodeLarge(BigInt(value))
  const bytes: number[] = []
  let raw = value < 0 ? -value * 2 - 1 : value * 2
  for (; raw >= 0x80; raw = Math.floor(raw / 128)) bytes.push((raw % 128) | 0x80)
  return Buffer.from([...bytes, raw])
}

function encodeLarge(value: bigint): Buffer {
  const bytes: number[] = []
  let raw = value < 0n ? -value * 2n - 1n : value * 2n
  for (; raw >= 0x80n; raw /= 128n) bytes.push(Number(raw % 128n) | 0x80)
  return Buffer.from([...bytes, Number(raw)])
}
