/** Error of a missing key or a key of an unsupported type: the record is at fault. */
import { FatalError } from '../../errors.ts'
import type { OperatorId, StreamRecord } from '../../record.ts'
import { whereOf } from '../engine/failedIn.ts'

/** @param hint advice, besides returning a valid key */
export function noKey(operator: OperatorId, record: StreamRecord<unknown>, key: unknown, hint: string): FatalError {
  return new FatalError('NO_KEY', `the key is ${shown(key)}`, {
    where: whereOf(operator, record),
    badRecord: true,
    hint: `Keys are strings, numbers, bigints or booleans. ${hint}`,
  })
}

/** Describes the key without showing it, since it is data of the user. */
function shown(key: unknown): string {
  if (key === null) return 'null'
  if (typeof key === 'string') return 'a string with a lone surrogate, which UTF-8 cannot encode'
  return Number.isNaN(key) ? 'NaN' : `of type ${typeof key}`
}
