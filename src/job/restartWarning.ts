/**
 * A job that restarts again and again says so on stderr, once, where nobody listens to its events:
 * it would otherwise look like one that has nothing to do.
 */
import type { JobEvent } from './events.ts'

/** Restarts in a row without a checkpoint in between, and in all, that are told. */
const inARow = 3
const inAll = 10

/** @param observed whether anybody listens to the events at the moment */
export function restartWarning(job: string, observed: () => boolean): (event: JobEvent) => void {
  let row = 0
  let all = 0
  let told = false

  return (event) => {
    if (event.type === 'checkpoint-committed') row = 0
    if (event.type !== 'restarting') return
    row += 1
    all += 1
    if (told || observed() || (row < inARow && all < inAll)) return
    told = true
    const often = row < inARow ? `${all} times` : `${row} times in a row, without a checkpoint in between`
    process.emitWarning(`the job "${job}" has restarted ${often}; the last error was ${event.error.message}`, {
      type: 'RxweftWarning',
      code: event.error.code,
      detail: 'Subscribe to events$ of its handle to see every restart. This is said once.',
    })
  }
}
