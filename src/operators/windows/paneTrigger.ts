/** Behaviour of panes under a trigger. */
import type { Key } from '../../record.ts'
import type { Trigger } from '../../time/triggers.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { KeyedContext } from '../keyed/keyedStep.ts'
import type { Pane } from './pane.ts'

export interface PaneTrigger<K extends Key> {
  /** True if panes fire at the last millisecond of their window. */
  readonly atEnd: boolean
  /** True if a pane starts anew after firing. */
  readonly purges: boolean
  /** True if an empty pane stays after firing: a session keeps its place in time. */
  readonly keepsEmpty: boolean
  /** Called with one more record in the pane; returns true to fire. */
  added(key: K, pane: Pane<unknown>): boolean
}

export function paneTrigger<K extends Key>(
  trigger: Trigger,
  assigner: WindowAssigner,
  context: KeyedContext<K, never>,
): PaneTrigger<K> {
  const kept = { purges: false, keepsEmpty: assigner.kind === 'session' }
  const isReached = ({ end }: Pane<unknown>): boolean => end - 1 <= context.watermark
  if (trigger.kind === 'watermark') return { ...kept, atEnd: true, added: (_, pane) => isReached(pane) }
  if (trigger.kind === 'early') {
    const { processingTimers, services } = context
    return {
      ...kept,
      atEnd: true,
      added(key, pane) {
        if (isReached(pane)) return true
        if (pane.early === Infinity) {
          pane.early = services.clock.now() + trigger.every
          processingTimers.set(pane.early, key)
        }
        return false
      },
    }
  }
  return {
    ...kept,
    atEnd: false,
    purges: trigger.purge ?? assigner.kind === 'global',
    added(_, pane) {
      pane.count += 1
      if (pane.count < trigger.count) return false
      pane.count = 0
      return true
    },
  }
}
