/**
 * Error of a timestamp so large that numbers are not exact to the ms: windows could not be counted
 * from it.
 */
import { FatalError } from '../../errors.ts'
import type { OperatorId, StreamRecord } from '../../record.ts'
import { whereOf } from '../engine/failedIn.ts'

export function badTimestamp(operator: OperatorId, record: StreamRecord<unknown>): FatalError {
  return new FatalError('BAD_TIMESTAMP', `the timestamp of the record, ${record.timestamp}, lies outside all windows`, {
    where: whereOf(operator, record),
    badRecord: true,
    hint: 'Use timestamps in ms since the epoch, between -2^53 and 2^53: check the function given to withTimestamps, or set onError',
  })
}
