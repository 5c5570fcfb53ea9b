/**
 * The error about what should be a key and is none: the record is at fault, and `onError` decides.
 */

import { FatalError } from '../../errors.ts'
import type { OperatorId, StreamRecord } from '../../record.ts'
import { whereOf } from '../engine/failedIn.ts'

/** @param hint what to do, beside giving what can be a key */
export function noKey(operator: OperatorId, record: StreamRecord<unknown>, key: unknown, hint: string): FatalError {
  return new FatalError('NO_KEY', `the key is ${shown(key)}`, {
    where: whereOf(operator, record),
    badRecord: true,
    hint: `Keys are strings, numbers, bigints or booleans. ${hint}`,
  })
}

/** Not the key itself: it is somebody's data. */
function shown(key: unknown): string {
  if (key === null) return 'null'
  if (typeof key === 'string') return 'a string with a lone surrogate, which UTF-8 cannot say'
  return Number.isNaN(key) ? 'NaN' : `of type ${typeof key}`
}
