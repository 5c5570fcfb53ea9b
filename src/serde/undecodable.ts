/** The error of a record whose bytes are not what its serde expects. */

import { FatalError, RxweftError, toError } from '../errors.ts'
import type { OperatorId, Split } from '../record.ts'

/** An rxweft error means what it says, and is told where it happened; what is not at fault of the record has no `badRecord`. */
export function undecodable(
  operator: OperatorId,
  { topic, partition }: Split,
  offset: number,
  thrown: unknown,
): RxweftError {
  const where = { operator, topic, partition, offset }
  if (thrown instanceof RxweftError) return thrown.at(where)
  const cause = toError(thrown)
  return new FatalError('DECODE_FAILED', `the record cannot be decoded: ${cause.message}`, {
    where,
    hint: 'Nothing of its checkpoint was committed. Use a codec that reads it (nullable(codec) where tombstones may come), or set `onError`',
    cause,
    badRecord: true,
  })
}
