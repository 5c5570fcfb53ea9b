/** Contents of a window: an accumulator, or all its records (elementList.ts). */

import type { Key, OperatorId, StreamRecord } from '../../record.ts'
import type { TableSpec } from '../../state/table.ts'
import { notAsync } from '../engine/notAsync.ts'
import type { WindowAggregator, WindowInfo } from './windowAggregator.ts'

export interface Contents<T, K extends Key, A, R> {
  /**
   * With one record more. If it throws, the state is as it was.
   * @param contents undefined: there was none.
   * @param name of the pane
   */
  add(contents: A | undefined, record: StreamRecord<T, K>, name: number): A
  /** Contents of two merged sessions; neither argument is used again. */
  merge(earlier: A, later: A): A
  result(contents: A, about: WindowInfo<K>): R
  /** They are not needed any more. */
  drop(contents: A): void
  readonly spec: TableSpec<A>
}

export function accumulated<T, K extends Key, A, R>(
  operator: OperatorId,
  aggregator: WindowAggregator<T, A, R, K>,
  spec: TableSpec<A>,
): Contents<T, K, A, R> {
  const { create, add, merge = cannotMerge, result } = aggregator
  return {
    add: (accumulator, record) =>
      notAsync(operator, add(accumulator === undefined ? create() : accumulator, record.value, record)),
    merge,
    result,
    drop: () => undefined,
    spec,
  }
}

export function reduced<T, K extends Key>(
  operator: OperatorId,
  f: (reduced: T, value: T) => T,
  spec: TableSpec<T>,
): Contents<T, K, T, T> {
  return {
    add: (value, record) => (value === undefined ? record.value : notAsync(operator, f(value, record.value))),
    merge: f,
    result: (value) => value,
    drop: () => undefined,
    spec,
  }
}

/** Never called: only sessions merge, and `window` requires `merge` for them. */
function cannotMerge(): never {
  throw new TypeError('the aggregator has no function merge')
}
