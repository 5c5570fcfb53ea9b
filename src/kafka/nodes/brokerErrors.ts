/** Converts broker error numbers to rxweft errors. */
import type { RxweftError, Where } from '../../errors.ts'
import { CorruptedError, FatalError, FencedError, RetriableError } from '../../openErrors.ts'
import type { BrokerError } from './brokerErrorKinds.ts'
import { type BrokerErrorCode, brokerErrors } from './brokerErrorTable.ts'

export type { BrokerError } from './brokerErrorKinds.ts'
export { type BrokerErrorCode, brokerErrors } from './brokerErrorTable.ts'

/** UNKNOWN_TOPIC_OR_PARTITION */
export const unknownTopic = 3

/**
 * The broker's error as an rxweft error, with Kafka's name as its code; an unknown number becomes
 * Retriable UNKNOWN_BROKER_ERROR_<number>.
 */
export function brokerError(code: number, api: string, where: Where, message?: string | null): RxweftError {
  const { name, consequence, means, hint } = brokerErrors.get(code) ?? unknown(code)
  const detail = hint === undefined ? { where } : { where, hint }
  return new classes[consequence](name, `${api} failed: ${means}${message ? ` ("${message}")` : ''}`, detail)
}

/** True if the identical request may be sent again. Not for EndTxn. */
export function isRefused(code: number): boolean {
  return brokerErrors.get(code)?.refused ?? false
}

const classes = { retriable: RetriableError, fenced: FencedError, corrupted: CorruptedError, fatal: FatalError }

function unknown(code: number): BrokerError<BrokerErrorCode> {
  const means = `the broker answered with error ${code}, which this version of rxweft does not know`
  return { name: `UNKNOWN_BROKER_ERROR_${code}`, consequence: 'retriable', means, refused: false }
}
