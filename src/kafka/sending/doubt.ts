/**
 * What an error says about the request that failed with it: refused, so nothing was done, or in
 * doubt, so it may have been done, or may still be. CONNECTION_CLOSED is neither: the attempt is
 * over.
 */
import { RxweftError } from '../../errors.ts'
import { type BrokerError, brokerErrors } from '../nodes/brokerErrors.ts'

/** Errors of this side that say that nothing was sent. */
const neverSent = ['CONNECTION_FAILED', 'BROKERS_UNREACHABLE', 'NODE_UNKNOWN', 'NO_LEADER']

/** Errors of this side that leave the outcome open. */
const answerLost = ['CONNECTION_LOST', 'REQUEST_TIMEOUT', 'MALFORMED_ANSWER']

/**
 * What a leader says of what is in a batch; it looks at that before it appends, and before it looks
 * for a batch that it has.
 */
const ofContent = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_TIMESTAMP', 'INVALID_RECORD'])

const refusals = namesOf(({ refused }) => refused, neverSent)
const doubts = namesOf(({ inDoubt }) => inDoubt === true, answerLost)

/**
 * Whether the very same request may be sent again: it was refused, or never sent. Not to be asked
 * about EndTxn.
 */
export function wasRefused(error: unknown): error is RxweftError {
  return error instanceof RxweftError && refusals.has(error.code)
}

/** Whether a batch was refused for what is in it: with the same content it always would be. */
export function isOfContent(error: RxweftError): boolean {
  return ofContent.has(error.code)
}

/** Whether a request that failed like this may have been applied, or may still be. */
export function isInDoubt(error: unknown): error is RxweftError {
  return error instanceof RxweftError && doubts.has(error.code)
}

/** Whether a request that the broker recognises may be sent again after this error. */
export function mayRepeat(error: unknown): error is RxweftError {
  return wasRefused(error) || isInDoubt(error)
}

function namesOf(which: (error: BrokerError) => boolean, ours: readonly string[]): ReadonlySet<string> {
  return new Set([...[...brokerErrors.values()].filter(which).map(({ name }) => name), ...ours])
}
