/** Emission of a window's result. */
import type { StreamElement } from '../../element.ts'
import { FatalError, type RxweftError, toRxweftError } from '../../errors.ts'
import type { Key, OperatorId } from '../../record.ts'
import type { Window } from '../../time/windows.ts'
import { derivedRecord } from '../engine/derivedRecord.ts'
import type { Contents } from './contents.ts'
import type { Pane } from './pane.ts'

/** Emits a result. `timestamp` is that of the record that fires it, for the global window. */
export type Fire<K, A> = (key: K, pane: Pane<A>, timestamp: number) => void

/**
 * Emits the result of a pane that has contents, with the last ms of its window as its timestamp.
 *
 * @throws OPERATOR_FAILED if the result throws
 */
export function firing<T, K extends Key, A, R>(
  operator: OperatorId,
  contents: Contents<T, K, A, R>,
  emit: (element: StreamElement<R, K>) => void,
): Fire<K, A> {
  return (key, { start, end, contents: found, latest }, timestamp) => {
    if (found === undefined) return
    const window = { start, end }
    const value = resultOf(operator, window, () => contents.result(found, { key, window }))
    emit(derivedRecord(operator, key, value, end === Infinity ? timestamp : end - 1, latest))
  }
}

function resultOf<R>(operator: OperatorId, window: Window, result: () => R): R {
  try {
    return result()
  } catch (thrown) {
    throw failedAt(operator, window, thrown)
  }
}

/** Not the fault of the record that fired it: the result would throw without that record, too. */
function failedAt(operator: OperatorId, { start, end }: Window, thrown: unknown): RxweftError {
  return toRxweftError(thrown, ({ name, message }) => {
    const what = `${operator} threw ${name} at the window [${start}, ${end}): ${message}`
    return new FatalError('OPERATOR_FAILED', what, {
      where: { operator },
      hint: 'The window emitted nothing, and nothing of its checkpoint was committed. Correct the function and start the job again',
      cause: thrown,
    })
  })
}
