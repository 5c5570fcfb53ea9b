/**
 * What may pass while a request that only reads is sent again, elsewhere or a little later: brokers
 * restart, leaders move, connections break. A request that writes needs more care
 * (brokerErrors.ts).
 */
import { RetriableError, type RxweftError } from '../../errors.ts'
import { brokerError, isRefused } from './brokerErrors.ts'

/** How long it may last before the attempt ends, ms: longer than a broker takes to come back. */
export const longPatience = 120_000

/**
 * How long brokers may say what sounds final before it is believed, ms: the first one may be out of
 * date.
 */
export const doubt = 3_000

/**
 * Whether the same read may be tried again after this error. Not, once this side has closed its
 * connections.
 */
export function isPassing(error: unknown): error is RxweftError {
  return error instanceof RetriableError && error.code !== 'CONNECTION_CLOSED'
}

/** The same of an error number in an answer. */
export function isPassingCode(code: number): boolean {
  return isRefused(code) || brokerError(code, '', {}).consequence === 'retriable'
}
