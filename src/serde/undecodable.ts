import { FatalError, RxweftError, toError } from '../errors.ts'
import type { OperatorId, Split } from '../record.ts'

/**
 * Error of a record that its serde cannot decode. An rxweft error is kept, with the place added; it
 * has no `badRecord` if the record is not at fault.
 */
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
    hint: 'Nothing of its checkpoint was committed. Use a codec that reads the record (nullable(codec) accepts tombstones), or set `onError`',
    cause,
    badRecord: true,
  })
}
