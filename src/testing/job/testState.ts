import type { Key, OperatorId } from '../../record.ts'
import type { OpenTable } from '../../state/openTables.ts'
import { findTable, type StateView, timerTables } from '../../state/stateView.ts'

/**
 * Keyed state of one operator. Values are copies made by the codec, as a restored job would find
 * them; expired ones are absent.
 */
export type TestState<V> = StateView<V>

/** Timers that an operator has set, in order of time. */
export interface TestTimers {
  /** Timers of event time. */
  readonly event: readonly TestTimer[]
  /** Timers of processing time. */
  readonly processing: readonly TestTimer[]
}

/** Timer of a key. */
export interface TestTimer {
  /** Time at which it fires, ms since the epoch. */
  readonly time: number
  /** Key that set it. */
  readonly key: Key
}

export function timersOf(tables: readonly OpenTable[], operator: OperatorId): TestTimers {
  const [event, processing] = timerTables.map((name) => timersIn(findTable(tables, operator, name)))
  return { event: event ?? [], processing: processing ?? [] }
}

function timersIn({ kind, table }: OpenTable): readonly TestTimer[] {
  if (kind !== 'map') return []
  const times = [...table.keys()] as number[]
  return times.sort((a, b) => a - b).flatMap((time) => table.subs(time).map((key) => ({ time, key })))
}
