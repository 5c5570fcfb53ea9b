/** The io-ts codecs that snapshots and ledger entries share, and what a failed decode says. */
import * as t from 'io-ts'
import type { Json } from '../record.ts'

/** A safe integer from 0: ids, offsets and sizes that were rounded or negative would be guesses. */
export const natural = refined(
  'a non-negative safe integer',
  (u): u is number => Number.isSafeInteger(u) && (u as number) >= 0,
)

export const name = refined('a non-empty string', (u): u is string => typeof u === 'string' && u !== '')

/** What JSON.parse returned is Json; only its absence has to be seen. */
export const json = refined('JSON', (u): u is Json => u !== undefined)

export const sha256 = refined('a sha-256 in hex', (u): u is string => typeof u === 'string' && /^[0-9a-f]{64}$/.test(u))

/** The fields that are wrong, without their values: those may be a user's data. */
export function wrongFields(errors: t.Errors): string {
  return [...new Set(errors.map(({ context }) => fieldOf(context)))].join(', ')
}

/** An intersection adds the number of its part to the path, which says nothing to anybody. */
function fieldOf(context: t.Context): string {
  const named = context.slice(1).filter((_, at) => !(context[at]?.type instanceof t.IntersectionType))
  return named.map(({ key }) => key).join('.') || 'everything'
}

function refined<A>(description: string, is: (u: unknown) => u is A): t.Type<A, A, unknown> {
  return new t.Type(description, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
}
