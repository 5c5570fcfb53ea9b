/**
 * MessagePack (https://msgpack.org): smaller than JSON, and faithful to more. What goes through it comes back as it was:
 *
 *   null, booleans, strings, arrays, plain objects      as any MessagePack has them; a property that is undefined is left out
 *   all numbers, NaN, -0 and Infinity too               integers as integers, also beyond 32 bits
 *   bigint, Date, Map, Set, undefined                   64-bit integers that no number can be, the timestamp of the specification, extensions
 *   Buffer and Uint8Array                               binary; both come back as Buffer, as views of the record
 *
 * and all else (functions, symbols, instances of classes, other typed arrays, invalid dates, half surrogate pairs) is refused when it is written.
 * What others have written may have maps with keys that are no strings: such a map comes as a Map. Their timestamps lose what is finer than a ms.
 *
 * It is not msgpackr, whose reader cannot be kept from its own extensions (records, which change how later bytes are read), renames
 * `__proto__`, takes bytes that are no UTF-8, and quotes data in its messages.
 */
import { messagePackReader } from './messagepack/reader.ts'
import { messagePackWriter } from './messagepack/writer.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { type Validator, validation } from './validator.ts'

/** Without validation: that what is read is a T, nobody checks. */
export function messagePack<T>(): Serde<T>
/** With validation as in `json(validator)`: of what is read, which need not be JSON here. What an io-ts codec encodes to is written. */
export function messagePack<T>(validator: Validator<T>): Serde<T>
export function messagePack<T>(validator?: Validator<T>): Serde<T> {
  const encode = messagePackWriter()
  const reader = messagePackReader()
  const parse = (bytes: Buffer | null): unknown => reader(present(bytes))
  if (validator === undefined) return { encode, decode: (bytes) => parse(bytes) as T, parse }
  const { read, write } = validation(validator)
  return { encode: (value) => encode(write(value)), decode: (bytes) => read(parse(bytes)), parse }
}
