/**
 * Common parts of all windows: panes take a record, fire, wait for a timer, and are removed.
 *
 * A pane waits for one event timer at a time. The timer is not moved when a session grows: a timer
 * that fires too early sets the next one.
 *
 *     session [0, 10): timer 9   grows to [0, 14)   9: sets 13   13: fires, sets 13 + lateness
 */
import type { Key, OperatorId, StreamRecord } from '../../record.ts'
import type { MapTable } from '../../state/mapTable.ts'
import { dropTime, isWindowOver } from '../../time/late.ts'
import type { KeyedContext, KeyedHandlers } from '../keyed/keyedStep.ts'
import type { Contents } from './contents.ts'
import type { Fire } from './fire.ts'
import type { Pane } from './pane.ts'
import type { PaneTrigger } from './paneTrigger.ts'

/** Parts of one kind of windows. */
export interface PaneParts<T, K extends Key, A, R> {
  readonly id: OperatorId
  readonly context: KeyedContext<K, R>
  /** By key and name. */
  readonly table: MapTable<K, number, Pane<A>>
  readonly contents: Contents<T, K, A, R>
  readonly trigger: PaneTrigger<K>
  readonly fire: Fire<K, A>
  /** ms */
  readonly lateness: number
  /** Takes the records that come too late. */
  readonly late: (record: StreamRecord<T, K>) => void
}

export interface Panes<K extends Key, A> {
  /** True if a window with this end takes no more records. */
  isOver(end: number): boolean
  /** The pane has these contents now, because of a record of this time. */
  keep(key: K, pane: Pane<A>, contents: A, timestamp: number): void
  /** The pane waits for its end, and for nothing before it. */
  waitForEnd(key: K, pane: Pane<A>): void
  readonly timers: Pick<KeyedHandlers<never, K>, 'onEventTimer' | 'onProcessingTimer'>
}

export function panes<T, K extends Key, A, R>(parts: PaneParts<T, K, A, R>): Panes<K, A> {
  const { context, table, contents, trigger, fire, lateness } = parts

  /**
   * For the next time after `seen`; whatever the trigger, so that the timers are right too when the
   * job starts with another one.
   */
  function wait(key: K, pane: Pane<A>, seen: number): void {
    const last = pane.end - 1
    const time = last > seen ? last : dropTime(pane.end, lateness)
    if (time >= pane.timer) return
    pane.timer = time
    context.eventTimers.set(time, key)
  }

  function empty(pane: Pane<A>): void {
    if (pane.contents !== undefined) contents.drop(pane.contents)
    pane.contents = undefined
    pane.latest = -Infinity
  }

  function remove(key: K, pane: Pane<A>): void {
    empty(pane)
    table.delete(key, pane.name)
  }

  function onTimer(time: number, key: K, pane: Pane<A>): void {
    const last = pane.end - 1
    pane.timer = Infinity
    if (trigger.atEnd && last === time) {
      pane.early = Infinity
      fire(key, pane, time)
    }
    // It need not wait for that time: until then no record can come.
    if (last <= time && isWindowOver(pane.end, lateness, context.watermark)) return remove(key, pane)
    wait(key, pane, time)
    table.set(key, pane.name, pane)
  }

  return {
    isOver: (end) => isWindowOver(end, lateness, context.watermark),
    keep(key, pane, kept, timestamp) {
      pane.contents = kept
      if (timestamp > pane.latest) pane.latest = timestamp
      if (trigger.added(key, pane)) {
        fire(key, pane, timestamp)
        if (trigger.purges && !trigger.keepsEmpty) return remove(key, pane)
        if (trigger.purges) empty(pane)
      }
      wait(key, pane, context.watermark)
      table.set(key, pane.name, pane)
    },
    waitForEnd(key, pane) {
      pane.timer = Infinity
      wait(key, pane, -Infinity)
      table.set(key, pane.name, pane)
    },
    timers: {
      onEventTimer(time, key) {
        for (const name of table.subs(key)) {
          const pane = table.get(key, name)
          if (pane?.timer === time) onTimer(time, key, pane)
        }
      },
      onProcessingTimer(time, key) {
        for (const name of [...table.subs(key)].sort((a, b) => a - b)) {
          const pane = table.get(key, name)
          if (pane?.early !== time) continue
          pane.early = Infinity
          table.set(key, name, pane)
          fire(key, pane, time)
        }
      },
    },
  }
}
