/** The error of a record whose bytes are not what its serde expects. */
import type { OperatorId, Split } from '../element.ts'
import { FatalError, toError } from '../errors.ts'

export function undecodable(
  operator: OperatorId,
  { topic, partition }: Split,
  offset: number,
  thrown: unknown,
): FatalError {
  const cause = toError(thrown)
  return new FatalError('DECODE_FAILED', `the record cannot be decoded: ${cause.message}`, {
    where: { operator, topic, partition, offset },
    hint: 'Nothing of its checkpoint was committed. Use a serde that reads it (nullable(serde) where tombstones may come), or set `onError`',
    cause,
    badRecord: true,
  })
}
