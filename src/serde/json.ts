/**
 * JSON, with or without validation. It is faithful: what would come back as something else (NaN, a Map, a Date, undefined in an array) is
 * refused when it is written, and a key `__proto__` stays data. So is a whole number that is read and that a JavaScript number cannot hold,
 * as many 64-bit ids, and one that would become Infinity; a number with a fraction or an exponent is a double, as everywhere.
 * -0 comes back as 0, and a property that is undefined is left out.
 */
import { Buffer } from 'node:buffer'
import { FatalError } from '../errors.ts'
import { ChangedNumber, parseJson, parseWithBigints, stringifyJson, stringifyWithBigints } from '../json.ts'
import { optionNames, unknownOptions } from '../options.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { withShortcuts } from './shortcuts.ts'
import { decodeUtf8 } from './text.ts'
import { isValidator, type Validator, validation } from './validator.ts'

export interface JsonOptions {
  /**
   * true: whole numbers that a JavaScript number cannot hold are read as bigints, and bigints are written as whole numbers. A bigint that
   * a number can hold comes back as a number. Default: false, both are refused.
   */
  readonly bigints?: boolean | undefined
}

/** Without validation: that what is read is a T, nobody checks. */
export function json<T>(options?: JsonOptions): Serde<T>
/**
 * What is read is validated; a record that is not valid is a bad record (`onError`), with a message as
 * `at .items[3].price: expected number, got string`. What an io-ts codec encodes to is written. A Standard Schema only reads: decoding gives its
 * output, and encoding writes the output as it is, so where a schema transforms, it must be able to read what its output looks like as JSON.
 *
 * @throws when a record is read: Fatal ASYNC_SCHEMA, where the validator answers with a promise.
 */
export function json<T>(validator: Validator<T>, options?: JsonOptions): Serde<T>
export function json<T>(first: Validator<T> | JsonOptions = {}, second: JsonOptions = {}): Serde<T> {
  if (!isValidator<T>(first))
    return serde(
      (value) => value,
      (parsed) => parsed as T,
      checked(first),
    )
  const { read, write } = validation(first)
  return serde(write, read, checked(second))
}

function checked(options: JsonOptions): JsonOptions {
  const problems = unknownOptions(options, optionNames<JsonOptions>({ bigints: true }))
  if (problems.length > 0)
    throw new FatalError('BAD_OPTION', problems.join('; '), { hint: 'Give json() a validator, or { bigints: true }' })
  return options
}

function serde<T>(
  write: (value: T) => unknown,
  read: (parsed: unknown) => T,
  { bigints = false }: JsonOptions,
): Serde<T> {
  const stringify = bigints ? stringifyWithBigints : stringifyJson
  const parseText = bigints ? parseWithBigints : parseJson
  const encodeText = (value: T): string => stringify(write(value))
  const parseAt = (bytes: Buffer, from?: number, end?: number): unknown =>
    parsed(parseText, decodeUtf8(bytes, from, end))
  const parse = (bytes: Buffer | null): unknown => parseAt(present(bytes))
  return withShortcuts(
    { encode: (value) => Buffer.from(encodeText(value), 'utf8'), decode: (bytes) => read(parse(bytes)), parse },
    { encodeText, decodeAt: (bytes, from, end) => read(parseAt(bytes, from, end)) },
  )
}

function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text)
  } catch (thrown) {
    if (thrown instanceof ChangedNumber)
      throw new TypeError(`${thrown.message}; json({ bigints: true }) reads whole numbers of any size`)
    throw new TypeError(`the bytes are not JSON${whereIn(thrown)}`)
  }
}

/** JSON.parse quotes from the text in its messages, and that is data. Only the position is taken from them. */
function whereIn(thrown: unknown): string {
  const position = /at position (\d+)/.exec(String(thrown))?.[1]
  if (position !== undefined) return `: wrong at position ${position}`
  return String(thrown).includes('Unexpected end') ? ': cut off' : ''
}
