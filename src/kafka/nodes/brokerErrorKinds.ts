/**
 * Kinds of broker errors, by what a request that got one may have done.
 *
 * `refused`: the request was not applied, or the broker recognises it when it is sent again.
 * `inDoubt`: the request may have been applied, so only a request that the broker recognises may be
 * sent again. EndTxn is the exception: a coordinator that does not know whether its decision has
 * reached the transaction log answers 15 or 16, too, so each error of EndTxn is in doubt
 * (transactionRequests.ts).
 */
import type { Consequence } from '../../errors.ts'

export interface BrokerError<Name extends string = string> {
  /** Kafka's own name. */
  readonly name: Name
  readonly consequence: Consequence
  readonly means: string
  readonly refused: boolean
  readonly inDoubt?: true
  readonly hint?: string
}

/** Refused, and likely to succeed soon. */
export function later<Name extends string>(name: Name, means: string, hint?: string): BrokerError<Name> {
  return { name, consequence: 'retriable', means, refused: true, ...(hint === undefined ? {} : { hint }) }
}

/** Outcome unknown, or a retry is useless: the attempt ends, a restart may help. */
export function restart<Name extends string>(name: Name, means: string, hint?: string): BrokerError<Name> {
  return { name, consequence: 'retriable', means, refused: false, ...(hint === undefined ? {} : { hint }) }
}

/** Outcome unknown: only a request that the broker recognises may be sent again. */
export function doubtful<Name extends string>(name: Name, means: string, hint?: string): BrokerError<Name> {
  return { ...restart(name, means, hint), inDoubt: true }
}

export function fenced<Name extends string>(name: Name, means: string, hint: string): BrokerError<Name> {
  return { name, consequence: 'fenced', means, refused: false, hint }
}

export function fatal<Name extends string>(name: Name, means: string, hint: string): BrokerError<Name> {
  return { name, consequence: 'fatal', means, refused: false, hint }
}

/** Retried for a while before it is Fatal: brokers report the same for a new topic. */
export function replaced<Name extends string>(name: Name, means: string): BrokerError<Name> {
  const hint = 'The topic was deleted, and perhaps created again: offsets of the old topic do not apply to the new one'
  return { name, consequence: 'fatal', means, refused: true, hint }
}
