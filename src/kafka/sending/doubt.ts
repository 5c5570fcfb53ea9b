/**
 * Effect of a failed request, derived from its error. Refused: nothing was applied. In doubt: the
 * request may have been applied, or may still be. CONNECTION_CLOSED is neither: the attempt is
 * over.
 */
import { RxweftError } from '../../errors.ts'
import { type BrokerError, brokerErrors } from '../nodes/brokerErrors.ts'

/** Client-side errors raised before anything was sent. */
const neverSent = ['CONNECTION_FAILED', 'BROKERS_UNREACHABLE', 'NODE_UNKNOWN', 'NO_LEADER']

/** Client-side errors that leave the outcome open. */
const answerLost = ['CONNECTION_LOST', 'REQUEST_TIMEOUT', 'MALFORMED_ANSWER']

/**
 * Refusals because of a batch's content. The leader checks it before it appends, and before it
 * looks for duplicates.
 */
const ofContent = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_TIMESTAMP', 'INVALID_RECORD'])

const refusals = namesOf(({ refused }) => refused, neverSent)
const doubts = namesOf(({ inDoubt }) => inDoubt === true, answerLost)

/**
 * True if the identical request may be sent again: it was refused or never sent. Not for EndTxn.
 */
export function wasRefused(error: unknown): error is RxweftError {
  return error instanceof RxweftError && refusals.has(error.code)
}

/** True if a batch was refused because of its content; a retry would be refused again. */
export function isOfContent(error: RxweftError): boolean {
  return ofContent.has(error.code)
}

/** True if the failed request may have been applied, or may still be. */
export function isInDoubt(error: unknown): error is RxweftError {
  return error instanceof RxweftError && doubts.has(error.code)
}

/** True if a request that the broker can recognise may be sent again after this error. */
export function mayRepeat(error: unknown): error is RxweftError {
  return wasRefused(error) || isInDoubt(error)
}

function namesOf(which: (error: BrokerError) => boolean, ours: readonly string[]): ReadonlySet<string> {
  return new Set([...[...brokerErrors.values()].filter(which).map(({ name }) => name), ...ours])
}
