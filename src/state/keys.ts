/**
 * Encoding of state keys and of keys within a map. The first byte is the kind, so that the number 1
 * and the string "1" differ. Equal keys have equal bytes, and number keys sort as numbers.
 */
import { Buffer } from 'node:buffer'
import type { Key } from '../record.ts'
import { utf8Slice, writeUtf8 } from '../serde/utf8.ts'
import { putVarint, varintSize } from './unsignedVarint.ts'

const kinds = { text: 0x73, number: 0x6e, bigint: 0x69, no: 0x66, yes: 0x74 }

/** True for a valid key: a well-formed string, a number other than NaN, a bigint or a boolean. */
export function isKey(value: unknown): value is Key {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return !Number.isNaN(value)
  return typeof value === 'bigint' || typeof value === 'boolean'
}

export function encodeKey(key: Key): Buffer {
  if (typeof key === 'string') return tagged(kinds.text, key)
  if (typeof key === 'bigint') return tagged(kinds.bigint, String(key))
  if (typeof key === 'boolean') return Buffer.of(key ? kinds.yes : kinds.no)
  return encodeNumber(key)
}

/**
 * Like `encodeKey`, with a varint length in front, written in place. Needs `keyRoom`. Returns the
 * position after the key.
 */
export function putKey(buffer: Buffer, at: number, key: Key): number {
  if (typeof key === 'string') return putText(buffer, at, key)
  const bytes = encodeKey(key)
  const start = putVarint(buffer, at, bytes.length)
  buffer.set(bytes, start)
  return start + bytes.length
}

/** Upper bound of the bytes for `putKey`. */
export function keyRoom(key: Key): number {
  return typeof key === 'string' ? 3 * key.length + 6 : typeof key === 'bigint' ? String(key).length + 7 : 10
}

/**
 * Assumes one byte per character for the length, which is usually right; corrects it afterwards.
 */
function putText(buffer: Buffer, at: number, text: string): number {
  const left = varintSize(1 + text.length)
  buffer[at + left] = kinds.text
  const end = writeUtf8(buffer, at + left + 1, text)
  const length = end - at - left
  const needed = varintSize(length)
  if (needed !== left) buffer.copyWithin(at + needed, at + left, end)
  return putVarint(buffer, at, length) + length
}

/** Throws TypeError or SyntaxError on malformed bytes. */
export function decodeKey(bytes: Buffer): Key {
  const kind = bytes[0]
  if (kind === kinds.text) return utf8Slice(bytes, 1, bytes.length)
  if (kind === kinds.bigint && bytes.length > 1) return BigInt(bytes.toString('latin1', 1))
  if (kind === kinds.number && bytes.length === 9) return decodeNumber(bytes)
  if (bytes.length === 1 && (kind === kinds.yes || kind === kinds.no)) return kind === kinds.yes
  throw new TypeError('the bytes are not a key')
}

function tagged(kind: number, text: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(text))
  bytes[0] = kind
  writeUtf8(bytes, 1, text)
  return bytes
}

/**
 * IEEE 754 numbers sort as their bits do once the sign bit is flipped, or all bits for negative
 * ones. -0 becomes 0.
 */
function encodeNumber(key: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = kinds.number
  bytes.writeDoubleBE(key + 0, 1)
  flip(bytes, ((bytes[1] as number) & 0x80) !== 0)
  return bytes
}

function decodeNumber(bytes: Buffer): number {
  const copy = Buffer.from(bytes)
  flip(copy, ((copy[1] as number) & 0x80) === 0)
  return copy.readDoubleBE(1)
}

function flip(bytes: Buffer, negative: boolean): void {
  if (!negative) bytes[1] = (bytes[1] as number) ^ 0x80
  else for (let at = 1; at < 9; at++) bytes[at] = (bytes[at] as number) ^ 0xff
}
