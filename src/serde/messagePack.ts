/**
 * MessagePack (https://msgpack.org) by `@msgpack/msgpack`. Values that come back as they were:
 *
 *     null, booleans, strings, arrays, plain objects   undefined properties are left out
 *     numbers, also NaN and Infinity                   -0 comes back as 0, as in JSON
 *     Buffer and Uint8Array                            as Buffer, a view of the record
 *     Date                                             the timestamp of the specification
 *     bigint, Map, Set                                 extensions, see messagePackExtensions.ts
 *
 * All other values are refused when they are written: undefined in an array, functions, symbols,
 * instances of classes, other typed arrays, invalid dates, keys `__proto__`, half surrogate pairs,
 * and text that begins with a byte order mark, which the library drops from long texts.
 *
 * When reading data of other writers, a 64-bit integer becomes a number, or a bigint if no number
 * is exact. Numeric keys of a map become names; other keys, `__proto__` and unknown extensions are
 * refused. Timestamps are cut to ms. The library does not validate UTF-8: invalid text is read as
 * some other text.
 */
import { Buffer } from 'node:buffer'
import { decode, encode as encodeAny } from '@msgpack/msgpack'
import { firstLoss, type Judge, oddClass } from '../lossless.ts'
import { exactly, extensions } from './messagePackExtensions.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { type Validator, validation } from './validator.ts'

/**
 * Codec for MessagePack without validation: values that are read may not be a T.
 *
 * Smaller than JSON, and keeps more: NaN, Infinity, bytes, Date, bigint, Map and Set. Values that
 * would change on the way are refused.
 */
export function messagePack<T>(): Serde<T>
/** Codec for MessagePack that validates what is read, as `json(validator)` does. */
export function messagePack<T>(validator: Validator<T>): Serde<T>
export function messagePack<T>(validator?: Validator<T>): Serde<T> {
  if (validator === undefined) return { encode, decode: (bytes) => parse(bytes) as T, parse }
  const { read, write } = validation(validator)
  return { encode: (value) => encode(write(value)), decode: (bytes) => read(parse(bytes)), parse }
}

function encode(value: unknown): Buffer {
  try {
    const odd = firstLoss(value, judge)
    if (odd === null) return pack(value)
    throw new TypeError(`value${odd}, which MessagePack cannot encode`)
  } catch (thrown) {
    throw thrown instanceof RangeError ? new TypeError('value is too deep or too large, or a part of itself') : thrown
  }
}

function judge(value: unknown): ReturnType<Judge> {
  if (typeof value === 'string') return oddText(value)
  if (typeof value === 'object') return value === null ? null : judgeObject(value)
  const isKept = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
  return isKept ? null : ` is of type ${typeof value}`
}

function judgeObject(value: object): ReturnType<Judge> {
  if (Array.isArray(value)) return value
  if (value instanceof Uint8Array) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? ' is an invalid Date' : null
  if (value instanceof Map || value instanceof Set) return [...value].flat(value instanceof Map ? 1 : 0)
  return Object.hasOwn(value, '__proto__') ? ' has a key __proto__' : (oddClass(value) ?? value)
}

function oddText(text: string): string | null {
  if (!text.isWellFormed()) return ' has half a surrogate pair'
  return text.startsWith('\uFEFF') ? ' begins with a byte order mark' : null
}

/**
 * The messages of the library name sizes, positions and types, and no data; but a length that is
 * none may be data, so it is cut off.
 */
function parse(bytes: Buffer | null): unknown {
  const message = present(bytes)
  try {
    return unpack(message)
  } catch (thrown) {
    const reason = (thrown as Error).message.replace(/ \(\d.*/, '')
    throw new TypeError(`the bytes are not MessagePack that can be read: ${reason}`)
  }
}

/** Encodes one value; copied, since the library returns a view of a much larger buffer. */
function pack(value: unknown): Buffer {
  return Buffer.from(encodeAny(value, { extensionCodec, ignoreUndefined: true, maxDepth: Number.POSITIVE_INFINITY }))
}

/**
 * Decodes one value. The library reserves room for as many items as an array claims: never more
 * than there are bytes.
 */
function unpack(bytes: Uint8Array): unknown {
  return exactly(decode(bytes, { extensionCodec, useBigInt64: true, maxArrayLength: bytes.length }))
}

const extensionCodec = extensions(pack, unpack)
