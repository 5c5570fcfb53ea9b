/**
 * Another value for each record; its key, timestamp, headers and place stay.
 *
 *   R--a--1--b--|
 *   map(upper)
 *   R--A--1--B--|
 */
import { type StreamRecord, withValue } from '../element.ts'
import { type ElementOperator, operate } from './operate.ts'

/** `f` is called once per record and attempt, so again for records that are read again after a restart. If it throws: OPERATOR_FAILED. */
export function map<T, R>(f: (value: T, record: StreamRecord<T>) => R): ElementOperator<T, R> {
  return operate('map', (out) => ({
    record: (record) => out.next(withValue(record, f(record.value, record))),
  }))
}
