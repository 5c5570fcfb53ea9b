/**
 * What rxjs reports instead of passing it on. An operator of one's own that is written with
 * `new Observable` and `subscribe({ next })` and throws in `next` loses its record: rxjs throws the
 * error again in a timer, out of everybody's reach, and goes on. Where the process handles uncaught
 * exceptions, the next checkpoint would then be one without the record.
 *
 *   record -> next throws -> timer 1: the report -> every attempt of this thread fails
 *   barrier -> prepared   -> timer 2: `afterReports` -> the checkpoint may be committed
 *
 * Where the process has set rxjs's `config.onUnhandledError`, the report goes there instead, and
 * nothing is thrown. So that handler is called by one of ours while attempts run.
 *
 * The error does not say where it comes from, and may be that of other code in the process. An
 * attempt that is restarted for nothing loses nothing.
 */

import { config } from 'rxjs'
import type { AttemptContext } from '../attempt.ts'
import { onAbort, othersTurn, systemClock } from '../clock.ts'
import { RetriableError } from '../errors.ts'

type Fail = (thrown: unknown) => void

/** One listener for all: Node warns of a leak from eleven on. */
const attempts = new Set<Fail>()

/**
 * The attempt fails with Retriable UNCAUGHT_EXCEPTION where this thread has an exception that
 * nobody catches, until it has ended.
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

/** The process's handler of rxjs's reports, and the one that stands in its place. */
let replaced: { readonly theirs: ReportHandler; readonly ours: ReportHandler } | null = null

/** Called again with each checkpoint, since the process may set its handler at any time. */
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

const what = 'an exception that nobody caught may have lost a record of the job, which reads it again'
const hint =
  "Where its stack shows an operator of your own, make it of rxjs's operators, which pass errors on, or let it catch what it throws"

/**
 * Resolves when rxjs has reported all that was thrown before. Timers of the same delay, its and
 * this one, run in the order in which they were set; the turn is for the attempt to end. A clock
 * that is not this machine's is that of a test, where no time passes that could be waited for.
 */
export function afterReports(clock: AttemptContext['clock']): Promise<void> {
  hearReports()
  if (clock !== systemClock) return Promise.resolve()
  return new Promise((resolve) => setTimeout(resolve, reportDelay)).then(othersTurn)
}

/** That of `setTimeout(report)`, ms. */
const reportDelay = 1
