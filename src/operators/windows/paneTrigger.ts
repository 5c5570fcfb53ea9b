/** Decisions of a trigger about a pane. */
import type { Key } from '../../record.ts'
import type { Trigger } from '../../time/triggers.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { KeyedContext } from '../keyed/keyedStep.ts'
import type { Pane } from './pane.ts'

export interface PaneTrigger<K extends Key> {
  /** Whether panes fire at the last millisecond of their window. */
  readonly atEnd: boolean
  /** Whether a pane that has fired begins anew. */
  readonly purges: boolean
  /** Whether it is still there then, with nothing in it: a session still has its place in time. */
  readonly keepsEmpty: boolean
  /** The pane has one more record: whether it fires. */
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
