/** Tumbling and sliding windows: a pane is found by the start of its window. */
import type { Key } from '../../record.ts'
import { isLateOutsideWindows } from '../../time/late.ts'
import { type FixedWindows, lastStart } from '../../time/windows.ts'
import type { KeyedHandlers } from '../keyed/keyedStep.ts'
import { badTimestamp } from './badTimestamp.ts'
import { type Pane, paneOf } from './pane.ts'
import { type PaneParts, panes } from './panes.ts'

export function fixedPanes<T, K extends Key, A, R>(
  parts: PaneParts<T, K, A, R>,
  { size, slide, offset }: FixedWindows,
): KeyedHandlers<T, K> {
  const { id, context, table, contents, lateness, late } = parts
  const { isOver, keep, timers } = panes(parts)
  /** Panes of the current record, in an array that is reused for every record. */
  const found: Pane<A>[] = []
  const added: A[] = []

  return {
    ...timers,
    record(record) {
      const { key, timestamp } = record
      // Windows begin and end at whole ms.
      const time = Math.floor(timestamp)
      if (!Number.isSafeInteger(time)) throw badTimestamp(id, record)
      let windows = 0
      let open = 0
      // All user functions run first: if one throws, the record is in no window.
      for (let start = lastStart(time, slide, offset); start > time - size; start -= slide) {
        const end = start + size
        if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) throw badTimestamp(id, record)
        windows += 1
        // Earlier windows are over too.
        if (isOver(end)) break
        const pane = paneOf(table, key, start, end)
        added[open] = contents.add(pane.contents, record, pane.name)
        found[open] = pane
        open += 1
      }
      // A record between two windows is late if it is before the watermark, and otherwise dropped,
      // as in Flink.
      if (open === 0 && (windows > 0 || isLateOutsideWindows(timestamp, lateness, context.watermark))) late(record)
      for (let at = 0; at < open; at++) keep(key, found[at] as Pane<A>, added[at] as A, timestamp)
    },
  }
}
