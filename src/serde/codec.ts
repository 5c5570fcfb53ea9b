/** What users may give where values become bytes and come back, and the one thing that it becomes. */
import { FatalError } from '../errors.ts'
import { json } from './json.ts'
import type { Serde } from './serde.ts'
import { isValidator, type Validator } from './validator.ts'

/**
 * A `Serde`, as it is; or an io-ts codec, or a validator with the Standard Schema interface (zod, valibot, arktype and others): then the
 * bytes are JSON, and what is read is validated. See `json` for what that means.
 */
export type Codec<T> = Serde<T> | Validator<T>

/** Throws Fatal NOT_A_CODEC. */
export function serdeOf<T>(codec: Codec<T>): Serde<T> {
  if (isValidator(codec)) return json(codec)
  if (isSerde(codec)) return codec
  throw new FatalError(
    'NOT_A_CODEC',
    `what is to be the codec is ${codec === null ? 'null' : `of type ${typeof codec}`}`,
    {
      hint: 'Say what bytes mean: json(), text, bytes, messagePack(), a Serde of yours, an io-ts codec or a Standard Schema validator',
    },
  )
}

/** For checks of options: whether `serdeOf` takes it. */
export function isCodec(given: unknown): boolean {
  return isValidator(given) || isSerde(given)
}

function isSerde<T>(given: Codec<T>): given is Serde<T>
function isSerde(given: unknown): boolean
function isSerde(given: unknown): boolean {
  const { encode, decode } = (given ?? {}) as Partial<Serde<unknown>>
  return typeof encode === 'function' && typeof decode === 'function'
}
