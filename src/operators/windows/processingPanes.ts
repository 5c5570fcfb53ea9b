/** Tumbling and sliding windows of processing time: the clock alone opens and ends a pane. */
import type { Key } from '../../record.ts'
import { lastStart, type ProcessingTimeWindows } from '../../time/windows.ts'
import type { KeyedHandlers } from '../keyed/keyedStep.ts'
import { type Pane, paneOf } from './pane.ts'
import type { PaneParts } from './panes.ts'

export function processingPanes<T, K extends Key, A, R>(
  { context, table, contents, fire }: PaneParts<T, K, A, R>,
  { size, slide, offset }: ProcessingTimeWindows,
): KeyedHandlers<T, K> {
  /** Panes of the current record, in an array that is reused for every record. */
  const found: Pane<A>[] = []
  const added: A[] = []

  function end(key: K, pane: Pane<A>): void {
    fire(key, pane, pane.end - 1)
    if (pane.contents !== undefined) contents.drop(pane.contents)
    table.delete(key, pane.name)
  }

  return {
    record(record) {
      const { key, timestamp } = record
      const now = Math.floor(context.services.clock.now())
      let open = 0
      // All user functions run first: if one throws, the record is in no window.
      for (let start = lastStart(now, slide, offset); start > now - size; start -= slide) {
        const pane = paneOf(table, key, start, start + size)
        added[open] = contents.add(pane.contents, record, pane.name)
        found[open] = pane
        open += 1
      }
      for (let at = 0; at < open; at++) {
        const pane = found[at] as Pane<A>
        pane.contents = added[at] as A
        if (timestamp > pane.latest) pane.latest = timestamp
        if (pane.timer === Infinity) {
          pane.timer = pane.end
          context.processingTimers.set(pane.timer, key)
        }
        table.set(key, pane.name, pane)
      }
    },
    onProcessingTimer(time, key) {
      for (const name of table.subs(key)) {
        const pane = table.get(key, name)
        if (pane?.timer === time) end(key, pane)
      }
    },
    onEnd() {
      for (const key of [...table.keys()]) {
        const panes = table.subs(key).flatMap((name) => table.get(key, name) ?? [])
        for (const pane of panes.sort((a, b) => a.end - b.end)) {
          context.processingTimers.delete(pane.timer, key)
          end(key, pane)
        }
      }
    },
  }
}
