/** io-ts codecs shared by snapshots and ledger entries, and the message of a failed decode. */
import * as t from 'io-ts'
import type { Json } from '../record.ts'

/** A safe integer from 0: rounded or negative ids, offsets and sizes would be guesses. */
export const natural = refined(
  'a non-negative safe integer',
  (u): u is number => Number.isSafeInteger(u) && (u as number) >= 0,
)

export const name = refined('a non-empty string', (u): u is string => typeof u === 'string' && u !== '')

/** Anything that JSON.parse returns is Json; only undefined must be rejected. */
export const json = refined('JSON', (u): u is Json => u !== undefined)

export const sha256 = refined('a sha-256 in hex', (u): u is string => typeof u === 'string' && /^[0-9a-f]{64}$/.test(u))

/** Names of the wrong fields, without values, which may be user data. */
export function wrongFields(errors: t.Errors): string {
  return [...new Set(errors.map(({ context }) => fieldOf(context)))].join(', ')
}

/** An intersection adds the index of its part to the path, which is meaningless to users. */
function fieldOf(context: t.Context): string {
  const named = context.slice(1).filter((_, at) => !(context[at]?.type instanceof t.IntersectionType))
  return named.map(({ key }) => key).join('.') || 'everything'
}

/** Type of the values that `is` accepts. @param description for messages */
export function refined<A>(description: string, is: (u: unknown) => u is A): t.Type<A, A, unknown> {
  return new t.Type(description, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
}
