import { Buffer } from 'node:buffer'
import { ChangedNumber, parseJson, parseWithBigints, stringifyJson, stringifyWithBigints } from '../json.ts'
import { aBoolean } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { withShortcuts } from './shortcuts.ts'
import { decodeUtf8 } from './text.ts'
import { isValidator, type Validator, validation } from './validator.ts'

/** Options of `json`. */
export interface JsonOptions {
  /**
   * Reads whole numbers beyond the safe integers as bigints, and writes bigints as whole numbers. A
   * bigint that is a safe integer is read back as a number; a number beyond them is written with an
   * exponent, and read back as a number. Default false: such texts and bigints are refused.
   */
  readonly bigints?: boolean | undefined
}

/**
 * Codec for JSON without validation: values that are read may not be a T.
 *
 * Values that would change on the way are refused: NaN, a Map, a Date, undefined in an array; and,
 * when reading, whole numbers beyond a JavaScript number (many 64-bit ids). -0 comes back as 0, and
 * undefined properties are left out.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function json<T>(options?: JsonOptions): Serde<T>
/**
 * Codec for JSON that validates what is read.
 *
 * An invalid record is a bad record (`onError`), with a message such as `at .items[3].price:
 * expected number, got string`. An io-ts codec writes its encoded form. A Standard Schema works in
 * one direction: decoding returns its output, and encoding writes that output unchanged, so a
 * schema that transforms must be able to read its own output.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws ASYNC_SCHEMA when a record is read, if the validator returns a promise
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
  checkOptions('json', options, { bigints: aBoolean }, { hint: 'Pass a validator, or { bigints: true }' })
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

/**
 * JSON.parse quotes from the text in its messages, and that is data. Only the position is taken
 * from them.
 */
function whereIn(thrown: unknown): string {
  const position = /at position (\d+)/.exec(String(thrown))?.[1]
  if (position !== undefined) return `: wrong at position ${position}`
  return String(thrown).includes('Unexpected end') ? ': cut off' : ''
}
