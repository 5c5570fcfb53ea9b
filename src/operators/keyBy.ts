/**
 * Gives each record the key that the operators after it keep state under, and that a sink writes.
 *
 *   R--a--b--1--c--|
 *   keyBy(first letter)
 *   R--a--b--1--c--|      the same records, with key a, b, c
 */
import type { Observer, OperatorFunction } from 'rxjs'
import { type Key, type StreamElement, type StreamRecord, streamRecord } from '../element.ts'
import { FatalError } from '../errors.ts'
import { isKey } from '../state/keys.ts'
import { whereOf } from './failedIn.ts'
import { operate, type Step } from './operate.ts'
import type { OperatorOptions } from './refusal.ts'

/** `f` must give equal records equal keys: no clock, no random. If it throws, OPERATOR_FAILED, and if it gives what is no key, NO_KEY: `onError`. */
export function keyBy<T, K extends Key>(
  f: (value: T, record: StreamRecord<T>) => K,
  { onError }: OperatorOptions = {},
): OperatorFunction<StreamElement<T>, StreamElement<T, K>> {
  const start = (out: Observer<StreamElement<T>>): Step<T> => ({
    record(record) {
      const key = f(record.value, record)
      if (!isKey(key)) throw noKey(record, key)
      const { value, timestamp, headers, split, offset } = record
      out.next(streamRecord(value, timestamp, key, headers, split, offset))
    },
  })
  return operate('keyBy', start, onError) as OperatorFunction<StreamElement<T>, StreamElement<T, K>>
}

function noKey(record: StreamRecord<unknown>, key: unknown): FatalError {
  const what = key === null ? 'null' : Number.isNaN(key) ? 'NaN' : `of type ${typeof key}`
  return new FatalError('NO_KEY', `the key of the record is ${what}`, {
    where: whereOf('keyBy', record),
    badRecord: true,
    hint: 'Keys are strings, numbers, bigints or booleans; leave records without one out with filter, or set onError',
  })
}
