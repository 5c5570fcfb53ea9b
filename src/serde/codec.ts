import { FatalError } from '../errors.ts'
import { rule } from '../optionRules.ts'
import { json } from './json.ts'
import type { Serde } from './serde.ts'
import { isValidator, type Validator } from './validator.ts'

/**
 * Conversion between values and bytes: a Serde, an io-ts codec or a Standard Schema validator.
 *
 * With a validator (zod, valibot, arktype and others) the bytes are JSON, and values are validated
 * when they are read; see `json`.
 */
export type Codec<T> = Serde<T> | Validator<T>

/**
 * Makes a serde of a codec.
 *
 * @throws NOT_A_CODEC if the argument is not a codec
 */
export function serdeOf<T>(codec: Codec<T>): Serde<T> {
  if (isValidator(codec)) return json(codec)
  if (isSerde(codec)) return codec
  throw new FatalError('NOT_A_CODEC', `the codec is ${codec === null ? 'null' : `a value of type ${typeof codec}`}`, {
    hint: 'Pass json(), text, bytes, messagePack(), a Serde, an io-ts codec or a Standard Schema validator',
  })
}

/** Tells whether `serdeOf` accepts the argument. */
export function isCodec(given: unknown): boolean {
  return isValidator(given) || isSerde(given)
}

function isSerde<T>(given: Codec<T>): given is Serde<T>
function isSerde(given: unknown): boolean
function isSerde(given: unknown): boolean {
  const { encode, decode } = (given ?? {}) as Partial<Serde<unknown>>
  return typeof encode === 'function' && typeof decode === 'function'
}

/** Rule of an option that is a codec. */
export const codecRule = rule('a codec, such as json() or text', isCodec)
