/** Assembles an operator of windows when its state is opened. */
import type { Key, OperatorId, StreamRecord } from '../../record.ts'
import type { WindowAssigner } from '../../time/windows.ts'
import type { KeyedContext, KeyedHandlers, OpenKeyed } from '../keyed/keyedStep.ts'
import type { Contents } from './contents.ts'
import { firing } from './fire.ts'
import { fixedPanes } from './fixedPanes.ts'
import { globalPanes } from './globalPanes.ts'
import { type Pane, paneSpec } from './pane.ts'
import type { PaneParts } from './panes.ts'
import { paneTrigger } from './paneTrigger.ts'
import { processingPanes } from './processingPanes.ts'
import { sessionPanes } from './sessionPanes.ts'
import type { WindowSettings } from './windowSettings.ts'

/**
 * @param table part of the name of the table of panes; each kind of windows has its own
 * @param contentsOf called at the Restore
 * @param lateOf receiver of late records
 */
export function openWindows<T extends L, K extends Key & J, A, R, L, J = unknown>(
  id: OperatorId,
  { assigner, trigger, lateness, late }: WindowSettings<L, J>,
  table: string,
  contentsOf: (context: KeyedContext<K, R>) => Contents<T, K, A, R>,
  lateOf: (context: KeyedContext<K, R>) => (record: StreamRecord<T, K>) => void = (context) =>
    late === undefined ? context.late : context.side(late),
): OpenKeyed<T, K, R> {
  return (context) => {
    const contents = contentsOf(context)
    return handlersOf(assigner, {
      ...{ id, context, contents, lateness },
      table: context.store.maps<K, number, Pane<A>>(`${assigner.kind} ${table}`, paneSpec(contents.spec)),
      trigger: paneTrigger(trigger, assigner, context),
      fire: firing(id, contents, (result) => context.out.next(result)),
      late: lateOf(context),
    })
  }
}

function handlersOf<T, K extends Key, A, R>(
  assigner: WindowAssigner,
  parts: PaneParts<T, K, A, R>,
): KeyedHandlers<T, K> {
  if (assigner.kind === 'fixed') return fixedPanes(parts, assigner)
  if (assigner.kind === 'processing') return processingPanes(parts, assigner)
  return assigner.kind === 'session' ? sessionPanes(parts, assigner) : globalPanes(parts)
}
