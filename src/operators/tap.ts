/**
 * Looks at each record and lets it pass unchanged: for counters and logs.
 *
 *   R--a--1--b--|
 *   tap(look)        look(a), look(b)
 *   R--a--1--b--|
 */
import type { StreamRecord } from '../element.ts'
import { type ElementOperator, operate } from './operate.ts'

/** What `f` does outside the pipeline is no part of a checkpoint: after a restart it sees records again. If it throws: OPERATOR_FAILED. */
export function tap<T>(f: (value: T, record: StreamRecord<T>) => void): ElementOperator<T, T> {
  return operate('tap', (out) => ({
    record(record) {
      f(record.value, record)
      out.next(record)
    },
  }))
}
