/**
 * Errors that may pass while a read request is retried, elsewhere or a little later: brokers
 * restart, leaders move, connections break. Requests that write need more care (brokerErrors.ts).
 */
import { RetriableError, type RxweftError } from '../../errors.ts'
import { brokerError, isRefused } from './brokerErrors.ts'

/** How long errors may last before the attempt ends, ms: longer than a broker restart. */
export const longPatience = 120_000

/**
 * How long an error that sounds final must be reported before it is believed, ms: the first broker
 * may be out of date.
 */
export const finalPatience = 3_000

/**
 * True if the same read may be retried after this error; false once this side has closed its
 * connections.
 */
export function isPassing(error: unknown): error is RxweftError {
  return error instanceof RetriableError && error.code !== 'CONNECTION_CLOSED'
}

/** Like `isPassing`, for an error number in an answer. */
export function isPassingCode(code: number): boolean {
  return isRefused(code) || brokerError(code, '', {}).consequence === 'retriable'
}
