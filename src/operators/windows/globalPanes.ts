/** The global window: one pane per key, which no time ends. */
import type { Key } from '../../record.ts'
import type { KeyedHandlers } from '../keyed/keyedStep.ts'
import { newPane } from './pane.ts'
import { type PaneParts, panes } from './panes.ts'

const name = 0

export function globalPanes<T, K extends Key, A, R>(parts: PaneParts<T, K, A, R>): KeyedHandlers<T, K> {
  const { table, contents } = parts
  const { keep } = panes(parts)
  return {
    record(record) {
      const { key, timestamp } = record
      const pane = table.get(key, name) ?? newPane<A>(name, -Infinity, Infinity)
      keep(key, pane, contents.add(pane.contents, record, name), timestamp)
    },
  }
}
