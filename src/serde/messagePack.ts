/**
 * MessagePack (https://msgpack.org) by `@msgpack/msgpack`: smaller than JSON, and keeps more. What goes through it comes back as it was:
 *
 *   null, booleans, strings, arrays, plain objects   as any MessagePack has them; a property that is undefined is left out
 *   numbers, NaN and Infinity too                    -0 comes back as 0, as it does in JSON
 *   Buffer and Uint8Array                            binary; both come back as Buffer, as views of the record
 *   Date                                             the timestamp of the specification
 *   bigint, Map, Set                                 extensions of our own, see messagePackExtensions.ts
 *
 * All else is refused when it is written: undefined in an array, functions, symbols, instances of classes, other typed arrays, invalid dates, keys
 * `__proto__`, half surrogate pairs, and text that begins with a byte order mark, which the library drops from long ones.
 *
 * Of what others have written: a 64-bit integer comes as a number, or as a bigint where no number is that exactly. Numbers as keys of a map become
 * names; other keys, `__proto__` and unknown extensions are refused. Timestamps lose what is finer than a ms. The library does not look whether
 * text is UTF-8: where it is not, it comes as some other text.
 */
import { Buffer } from 'node:buffer'
import { decode, encode as encodeAny } from '@msgpack/msgpack'
import { type Judge, oddClass, unfaithful } from '../faithful.ts'
import { exactly, extensions } from './messagePackExtensions.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { type Validator, validation } from './validator.ts'

/** Without validation: that what is read is a T, nobody checks. */
export function messagePack<T>(): Serde<T>
/** With validation as in `json(validator)`: of what is read, which need not be JSON here. What an io-ts codec encodes to is written. */
export function messagePack<T>(validator: Validator<T>): Serde<T>
export function messagePack<T>(validator?: Validator<T>): Serde<T> {
  if (validator === undefined) return { encode, decode: (bytes) => parse(bytes) as T, parse }
  const { read, write } = validation(validator)
  return { encode: (value) => encode(write(value)), decode: (bytes) => read(parse(bytes)), parse }
}

function encode(value: unknown): Buffer {
  try {
    const odd = unfaithful(value, judge)
    if (odd === null) return pack(value)
    throw new TypeError(`value${odd}, which MessagePack cannot keep`)
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

/** The messages of the library name sizes, positions and types, and no data; but a length that is none may be data, so it is cut off. */
function parse(bytes: Buffer | null): unknown {
  const message = present(bytes)
  try {
    return unpack(message)
  } catch (thrown) {
    const reason = (thrown as Error).message.replace(/ \(\d.*/, '')
    throw new TypeError(`the bytes are not MessagePack that can be read: ${reason}`)
  }
}

/** Copied, since what the library returns is a view of far more bytes. */
function pack(value: unknown): Buffer {
  return Buffer.from(encodeAny(value, { extensionCodec, ignoreUndefined: true, maxDepth: Number.POSITIVE_INFINITY }))
}

/** The library makes room for as many items as an array claims to have: never more than there are bytes. */
function unpack(bytes: Uint8Array): unknown {
  return exactly(decode(bytes, { extensionCodec, useBigInt64: true, maxArrayLength: bytes.length }))
}

const extensionCodec = extensions(pack, unpack)
