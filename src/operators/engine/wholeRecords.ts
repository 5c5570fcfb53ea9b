/**
 * Processes a record as a whole or not at all. If the job continues without a record on which an
 * operator threw, the operator's output is held until the record is finished, and its changes to
 * state and timers can be undone.
 *
 *   record a   emit 1, set x, emit 2             1 2
 *   record b   emit 3, set x, throws             nothing, and x is as a left it
 *
 * If a bad record ends the attempt, none of this is needed: uncommitted changes are lost with it.
 */
import type { Key } from '../../record.ts'
import type { OperatorStore } from '../../state/store.ts'
import type { Timers } from '../../state/timers.ts'
import { undoable, undoableTimers, undoLog } from '../../state/undoLog.ts'

export interface WholeRecords {
  /** Processes a record; if `work` throws, nothing of the record remains. */
  process(work: () => void): void
  /** Emits at once, or, while a record is processed, after it. */
  held<E>(emit: (element: E) => void): (element: E) => void
  /** Views of the store and the timers whose changes can be undone. */
  undoable(store: OperatorStore): OperatorStore
  undoableTimers<K extends Key>(timers: Timers<K>): Timers<K>
}

/** For attempts that end at a bad record. */
export const atOnce: WholeRecords = {
  process: (work) => work(),
  held: (emit) => emit,
  undoable: (store) => store,
  undoableTimers: (timers) => timers,
}

export function wholeRecords(): WholeRecords {
  const log = undoLog()
  const waiting: (() => void)[] = []
  let processing = false

  function process(work: () => void): void {
    processing = true
    log.begin()
    try {
      work()
      log.end()
    } catch (thrown) {
      log.undo()
      waiting.length = 0
      throw thrown
    } finally {
      processing = false
    }
    for (const emit of waiting.splice(0)) emit()
  }

  return {
    process,
    held: (emit) => (element) => {
      if (processing) waiting.push(() => emit(element))
      else emit(element)
    },
    undoable: (store) => undoable(store, log),
    undoableTimers: (timers) => undoableTimers(timers, log),
  }
}
