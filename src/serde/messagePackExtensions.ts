/**
 * Types that MessagePack lacks become extensions: 'B', a bigint as decimal digits; 'M', a Map as an
 * array of key, value, key, value, ...; 'S', a Set as an array. The specification
 * (https://github.com/msgpack/msgpack/blob/master/spec.md) leaves 0 to 127 to applications.
 */
import { Buffer } from 'node:buffer'
import * as msgpack from '@msgpack/msgpack'

const types = { date: msgpack.EXT_TIMESTAMP, bigint: 0x42, map: 0x4d, set: 0x53 }

/**
 * Extensions for Date, bigint, Map and Set.
 *
 * @param pack encodes the content of a Map or Set
 * @param unpack decodes it
 */
export function extensions(
  pack: (value: unknown) => Uint8Array,
  unpack: (bytes: Uint8Array) => unknown,
): msgpack.ExtensionCodecType<undefined> {
  const extension = (type: number, bytes: Uint8Array) => new msgpack.ExtData(type, bytes)
  return {
    tryToEncode(value) {
      if (typeof value === 'bigint') return extension(types.bigint, Buffer.from(String(value)))
      if (value instanceof Date) return extension(types.date, msgpack.encodeTimestampExtension(value) as Uint8Array)
      if (value instanceof Map) return extension(types.map, pack([...value].flat(1)))
      return value instanceof Set ? extension(types.set, pack([...value])) : null
    },
    decode(bytes, type) {
      if (type === types.date) return dateOf(bytes)
      if (type === types.bigint) return bigintOf(Buffer.from(bytes).toString('latin1'))
      if (type === types.map) return mapOf(items(unpack(bytes)))
      if (type === types.set) return new Set(items(unpack(bytes)))
      throw new TypeError(`an extension has the unknown type ${type}`)
    },
  }
}

/**
 * Converts in place: a 64-bit integer, which the library reads as a bigint, becomes a number if it
 * can; a bigint of our extension, which arrives boxed, stays a bigint.
 */
export function exactly(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof BigInt) return value.valueOf()
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    const parts = value as Record<string, unknown>
    for (const name in parts) parts[name] = exactly(parts[name])
  }
  return value
}

function dateOf(bytes: Uint8Array): Date {
  const date = msgpack.decodeTimestampExtension(bytes)
  if (Number.isNaN(date.getTime())) throw new TypeError('a timestamp is outside the range of Date')
  return date
}

function bigintOf(digits: string): unknown {
  if (!/^-?\d+$/.test(digits)) throw new TypeError('a bigint has no digits')
  return Object(BigInt(digits))
}

function mapOf(items: readonly unknown[]): Map<unknown, unknown> {
  if (items.length % 2 === 1) throw new TypeError('a Map has a key without a value')
  const map = new Map()
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1])
  return map
}

function items(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found
  throw new TypeError('the content of a Map or Set is not an array')
}
