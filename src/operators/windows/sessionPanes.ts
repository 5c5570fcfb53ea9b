/**
 * Session windows. A record is a session of its own, from its time to one gap later, and merges
 * with all sessions of its key that it overlaps or touches. Those never touch each other, so a
 * session that the new one does not touch is not touched by the merged one, either.
 *
 *     gap 10   [0, 10)   [15, 25)   a record at 8: [8, 18)   -> [0, 25)
 *
 * The merged session has the name of the earliest. No other live session has it, since a session
 * covers the time after which it is named.
 */
import type { Key, StreamRecord } from '../../record.ts'
import type { SessionWindows } from '../../time/windows.ts'
import type { KeyedHandlers } from '../keyed/keyedStep.ts'
import { badTimestamp } from './badTimestamp.ts'
import { newPane, type Pane } from './pane.ts'
import { type PaneParts, panes } from './panes.ts'

export function sessionPanes<T, K extends Key, A, R>(
  parts: PaneParts<T, K, A, R>,
  { gap }: SessionWindows,
): KeyedHandlers<T, K> {
  const { id, table, contents, late } = parts
  const { isOver, keep, waitForEnd, timers } = panes(parts)

  /** The earliest first. */
  function touching(key: K, start: number, end: number): readonly Pane<A>[] {
    const touched: Pane<A>[] = []
    for (const name of table.subs(key)) {
      const pane = table.get(key, name)
      if (pane !== undefined && pane.start <= end && pane.end >= start) touched.push(pane)
    }
    return touched.sort((a, b) => a.start - b.start)
  }

  function merged(earlier: A | undefined, later: A | undefined): A | undefined {
    if (earlier === undefined) return later
    return later === undefined ? earlier : contents.merge(earlier, later)
  }

  function extend(record: StreamRecord<T, K>, end: number, pane: Pane<A>, others: readonly Pane<A>[]): void {
    const { key, timestamp } = record
    const all = others.reduce((sum, other) => merged(sum, other.contents), pane.contents)
    const added = contents.add(all, record, pane.name)
    for (const other of others) {
      absorb(pane, other)
      table.delete(key, other.name)
    }
    pane.start = Math.min(pane.start, timestamp)
    pane.end = Math.max(pane.end, end)
    keep(key, pane, added, timestamp)
  }

  return {
    ...timers,
    record(record) {
      const { key, timestamp } = record
      const end = timestamp + gap
      if (!isExact(timestamp) || !isExact(end)) throw badTimestamp(id, record)
      const [first, ...others] = touching(key, timestamp, end)
      if (first !== undefined) return extend(record, end, first, others)
      // One that is too late by itself is not if a live session takes it, as in Flink.
      if (isOver(end)) return late(record)
      keep(key, newPane(timestamp, timestamp, end), contents.add(undefined, record, timestamp), timestamp)
    },
    /**
     * Sessions that have grown wait for less than their end; here in the order of their ends too.
     */
    onEnd() {
      for (const key of table.keys()) {
        for (const name of table.subs(key)) {
          const pane = table.get(key, name)
          if (pane !== undefined && pane.timer < pane.end - 1) waitForEnd(key, pane)
        }
      }
    },
  }
}

/** Adds another pane. The pane keeps its own event timer; that of the other will fire in vain. */
function absorb(pane: Pane<unknown>, other: Pane<unknown>): void {
  pane.end = Math.max(pane.end, other.end)
  pane.latest = Math.max(pane.latest, other.latest)
  pane.count += other.count
  pane.early = Math.min(pane.early, other.early)
}

function isExact(time: number): boolean {
  return Math.abs(time) <= Number.MAX_SAFE_INTEGER
}
