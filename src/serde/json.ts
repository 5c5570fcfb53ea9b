/**
 * JSON, with or without validation. It is faithful: what would come back as something else (NaN, a Map, a Date, undefined in an array) is
 * refused when it is written, and a key `__proto__` stays data. -0 comes back as 0, and a property that is undefined is left out.
 */
import { Buffer } from 'node:buffer'
import { parseJson, stringifyJson } from '../json.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { withShortcuts } from './shortcuts.ts'
import { decodeUtf8 } from './text.ts'
import { type Validator, validation } from './validator.ts'

/** Without validation: that what is read is a T, nobody checks. */
export function json<T>(): Serde<T>
/**
 * What is read is validated; a record that is not valid is a bad record (`onError`), with a message as
 * `at .items[3].price: expected number, got string`. What an io-ts codec encodes to is written. A Standard Schema only reads: decoding gives its
 * output, and encoding writes the output as it is, so where a schema transforms, it must be able to read what its output looks like as JSON.
 *
 * @throws when a record is read: Fatal ASYNC_SCHEMA, where the validator answers with a promise.
 */
export function json<T>(validator: Validator<T>): Serde<T>
export function json<T>(validator?: Validator<T>): Serde<T> {
  if (validator === undefined)
    return serde(
      (value) => value,
      (parsed) => parsed as T,
    )
  const { read, write } = validation(validator)
  return serde(write, read)
}

function serde<T>(write: (value: T) => unknown, read: (parsed: unknown) => T): Serde<T> {
  const encodeText = (value: T): string => stringifyJson(write(value))
  return withShortcuts(
    { encode: (value) => Buffer.from(encodeText(value), 'utf8'), decode: (bytes) => read(parse(bytes)), parse },
    { encodeText, decodeAt: (bytes, from, end) => read(parseAt(bytes, from, end)) },
  )
}

function parse(bytes: Buffer | null): unknown {
  return parseAt(present(bytes))
}

function parseAt(bytes: Buffer, from?: number, end?: number): unknown {
  const text = decodeUtf8(bytes, from, end)
  try {
    return parseJson(text)
  } catch (thrown) {
    throw new TypeError(`the bytes are not JSON${whereIn(thrown)}`)
  }
}

/** JSON.parse quotes from the text in its messages, and that is data. Only the position is taken from them. */
function whereIn(thrown: unknown): string {
  const position = /at position (\d+)/.exec(String(thrown))?.[1]
  if (position !== undefined) return `: wrong at position ${position}`
  return String(thrown).includes('Unexpected end') ? ': cut off' : ''
}
