/**
 * Warns once on stderr about a job that restarts again and again while nobody listens to its
 * events: it would look like a job without input.
 */
import type { JobEvent } from './events.ts'

/**
 * Number of restarts, in a row without a checkpoint in between and in total, that causes a warning.
 */
const inARow = 3
const inAll = 10

/** @param observed whether anybody listens to the events now */
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
