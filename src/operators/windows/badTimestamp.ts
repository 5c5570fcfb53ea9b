/**
 * Error of a timestamp so large that numbers are not exact to the ms: windows could not be counted
 * from it.
 */
import { FatalError } from '../../errors.ts'
import type { OperatorId, StreamRecord } from '../../record.ts'
import { whereOf } from '../engine/failedIn.ts'

export function badTimestamp(operator: OperatorId, record: StreamRecord<unknown>): FatalError {
  return new FatalError('BAD_TIMESTAMP', `the timestamp of the record, ${record.timestamp}, is in no window`, {
    where: whereOf(operator, record),
    badRecord: true,
    hint: 'Timestamps are ms since the epoch, and windows are between -2^53 and 2^53; look what withTimestamps makes of it, or set onError',
  })
}
