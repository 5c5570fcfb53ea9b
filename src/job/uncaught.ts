/**
 * Errors that rxjs reports instead of passing on. An own operator written with `new Observable` and
 * `subscribe({ next })` that throws in `next` loses its record: rxjs rethrows the error in a timer,
 * out of reach, and continues. If the process handles uncaught exceptions, the next checkpoint
 * would lack the record.
 *
 *     record -> next throws -> timer 1: the report -> every attempt of this thread fails
 *     barrier -> prepared   -> timer 2: `afterReports` -> the checkpoint may be committed
 *
 * If the process has set rxjs's `config.onUnhandledError`, the report goes there and nothing is
 * thrown; so our handler calls that one while attempts run.
 *
 * The error does not tell its origin, and may be that of other code in the process. An attempt that
 * is restarted in vain loses nothing.
 */
import { config } from 'rxjs'
import type { AttemptContext } from '../attempt.ts'
import { onAbort, othersTurn, systemClock } from '../clock.ts'
import { RetriableError } from '../errors.ts'

type Fail = (thrown: unknown) => void

/** One listener serves all attempts: Node warns of a leak from eleven on. */
const attempts = new Set<Fail>()

/**
 * Fails the attempt with Retriable UNCAUGHT_EXCEPTION on an uncaught exception of this thread,
 * until the attempt has ended.
 */
export function failOnUncaught({ fail, signal }: Pick<AttemptContext, 'fail' | 'signal'>): void {
  if (attempts.size === 0) process.on('uncaughtExceptionMonitor', uncaught)
  attempts.add(fail)
  hearReports()
  onAbort(signal, () => {
    attempts.delete(fail)
    if (attempts.size > 0) return
    process.off('uncaughtExceptionMonitor', uncaught)
    leaveReports()
  })
}

function uncaught(cause: unknown, origin?: NodeJS.UncaughtExceptionOrigin): void {
  if (origin === 'unhandledRejection') return
  for (const fail of [...attempts]) fail(new RetriableError('UNCAUGHT_EXCEPTION', what, { cause, hint }))
}

type ReportHandler = (thrown: unknown) => void

/** The process's handler of rxjs's reports, and ours that replaces it. */
let replaced: { readonly theirs: ReportHandler; readonly ours: ReportHandler } | null = null

/** Called again at each checkpoint, since the process may set its handler at any time. */
function hearReports(): void {
  const theirs = config.onUnhandledError
  if (!theirs || theirs === replaced?.ours) return
  const ours = (thrown: unknown): void => {
    uncaught(thrown)
    theirs(thrown)
  }
  replaced = { theirs, ours }
  config.onUnhandledError = ours
}

function leaveReports(): void {
  if (replaced !== null && config.onUnhandledError === replaced.ours) config.onUnhandledError = replaced.theirs
  replaced = null
}

const what = 'an uncaught exception may have lost a record; the next attempt reads it again'
const hint =
  'If its stack shows an operator of your own, build it from operators that pass errors on, or catch the exception'

/**
 * Resolves when rxjs has reported everything thrown before. Timers of equal delay run in the order
 * in which they were set, so rxjs's run first; then the attempt gets a turn to end. A test's clock
 * needs no wait, since no time passes there.
 */
export function afterReports(clock: AttemptContext['clock']): Promise<void> {
  hearReports()
  if (clock !== systemClock) return Promise.resolve()
  return new Promise((resolve) => setTimeout(resolve, reportDelay)).then(othersTurn)
}

/** Delay of rxjs's `setTimeout(report)`, ms. */
const reportDelay = 1
