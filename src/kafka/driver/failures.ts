/**
 * Failures between this process and a broker, and their consequences: whether the request may have
 * been applied, and whether a restart helps.
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { FatalError, RetriableError, type RxweftError } from '../../errors.ts'
import * as open from '../../openErrors.ts'
import type { Api } from '../protocol/api.ts'
import type { VersionRange } from '../protocol/apiVersions.ts'
import { type Address, showAddress } from './address.ts'
import type { DriverSettings } from './driverSettings.ts'

export function notSent(broker: string, api: string, cause: Error): RetriableError {
  return new RetriableError('CONNECTION_FAILED', `${api} was not sent: ${reason(cause)}`, { where: { broker }, cause })
}

/** @param closed true if this side has closed its connections */
export function lost(broker: string, api: string, cause: Error, closed: boolean): RetriableError {
  const what = `${api} was sent, but the connection broke before an answer came: ${reason(cause)}`
  if (closed) return new RetriableError('CONNECTION_CLOSED', what, { where: { broker } })
  const hint = 'If this happens at every start, check that `ssl` and `sasl` match this listener of the broker'
  return new RetriableError('CONNECTION_LOST', what, { where: { broker }, hint, cause })
}

export function timedOut(broker: string, api: string, timeout: number): RetriableError {
  return new RetriableError('REQUEST_TIMEOUT', `${api} was sent, but no answer came within ${timeout} ms`, {
    where: { broker },
    hint: 'Check whether the broker is overloaded, or raise requestTimeout of the cluster',
  })
}

export function malformed(broker: string, api: string, version: number, cause: unknown): RetriableError {
  const what = `the answer to ${api} (version ${version}) cannot be parsed`
  return new RetriableError('MALFORMED_ANSWER', what, { where: { broker }, cause })
}

/** @param served versions that the broker supports; undefined if it lacks the request */
export function tooOld<A, R>(
  broker: string,
  { name, min, max }: Api<A, R>,
  served: VersionRange | undefined,
): FatalError {
  const theirs = served === undefined ? 'not served' : `served in versions ${served.min} to ${served.max}`
  return new FatalError('BROKER_UNSUITABLE', `${name} is ${theirs}, but rxweft needs a version from ${min} to ${max}`, {
    where: { broker },
    hint: 'Use Kafka 3.1 or newer',
  })
}

/** @param death reason of the broken connection, if that ended the login */
export function loginFailed(broker: string, cause: Error, death: Error | null): RxweftError {
  // A failing token provider of the user is no verdict of the broker.
  const verdict = cause.name === 'KafkaJSSASLAuthenticationError' || cause.name === 'KafkaJSProtocolError'
  if (death !== null || !verdict) return unreachable(broker, death ?? cause)
  return new FatalError('AUTHENTICATION_FAILED', cause.message, {
    where: { broker },
    hint: 'Check `sasl` of the cluster',
  })
}

/** Reason why a connection could not be opened. */
export function notOpened(
  broker: string,
  error: Error,
  death: Error | null,
  settings: DriverSettings,
  socket: Socket | undefined,
  closed: boolean,
): RxweftError {
  if (closed)
    return new RetriableError('CONNECTION_CLOSED', 'the job has closed its connections', { where: { broker } })
  if (error instanceof FatalError || (error instanceof RetriableError && error.code === 'CONNECTION_FAILED'))
    return error
  const cause = death ?? error
  if (settings.ssl && isTls(cause, socket)) return tlsFailed(broker, cause)
  return unreachable(broker, tooManyFiles(cause) ?? silence(cause, settings.ssl !== null))
}

/** The operating system refused a socket; the broker is fine. */
function tooManyFiles(cause: Error): Error | null {
  const { code } = cause as NodeJS.ErrnoException
  if (code !== 'EMFILE' && code !== 'ENFILE') return null
  return new Error(`${reason(cause)}: this process has too many open files; raise the limit (ulimit -n, LimitNOFILE)`, {
    cause,
  })
}

/**
 * Two sides that disagree about TLS never report it: one waits or hangs up. And with TLS 1.3, a
 * broker refuses a client certificate only after the client considers the handshake complete.
 */
function silence(cause: Error, tls: boolean): Error {
  const { code = 'none' } = cause as NodeJS.ErrnoException
  if (code !== 'none' && code !== 'ECONNRESET' && code !== 'EPIPE') return cause
  const guess = tls
    ? 'this client uses TLS: does the listener use TLS, and does it trust the client certificate'
    : 'this client does not use TLS: does the listener'
  return new Error(`${reason(cause)}; ${guess}?`, { cause })
}

function unreachable(broker: string, cause: Error): RetriableError {
  return new RetriableError('CONNECTION_FAILED', `no connection: ${reason(cause)}`, {
    where: { broker },
    hint: 'Check that the broker is up, and that `ssl` and `sasl` match its listener',
    cause,
  })
}

/**
 * Fatal only if every broker refuses for good: an absent one might accept what the others refuse.
 */
export function noneReachable(tried: readonly (readonly [Address, RxweftError])[]): RxweftError {
  const [only] = tried
  const fatal = tried.every(([, { consequence }]) => consequence === 'fatal')
  if (only !== undefined && tried.length === 1 && only[1].code !== 'CONNECTION_FAILED') return only[1]
  const reasons = tried.map(([address, error]) => `${showAddress(address)} (${said(error)})`)
  const what = `none of the brokers can be ${fatal ? 'used' : 'reached'}: ${reasons.join(', ')}`
  if (only !== undefined && fatal) return new open.FatalError(only[1].code, what, hintOf(only[1]))
  return new RetriableError('BROKERS_UNREACHABLE', what, {
    hint: 'Check `brokers`, `ssl` and `sasl` of the cluster, and that the brokers are up',
  })
}

function said({ cause, what, consequence }: RxweftError): string {
  return cause instanceof Error && consequence === 'retriable' ? reason(cause) : what
}

function hintOf({ hint }: RxweftError): { readonly hint?: string } {
  return hint === undefined ? {} : { hint }
}

/** One broker refuses for good, others may not; nothing was sent to it. */
export function unusable(broker: string, fatal: FatalError): RetriableError {
  return new RetriableError('CONNECTION_FAILED', fatal.what, { where: { broker }, ...hintOf(fatal), cause: fatal })
}

/** Adds that the broker's address is not in `brokers`. */
export function advertised(node: number, address: Address, error: RxweftError): RxweftError {
  const what = `${error.what}. The cluster advertises ${showAddress(address)} as the address of its broker ${node}`
  return new open.RetriableError(error.code, what, {
    where: error.where,
    hint: 'Set advertised.listeners of the broker to an address that this machine can reach, or check the network between both',
    cause: error.cause,
  })
}

function tlsFailed(broker: string, cause: Error): FatalError {
  return new FatalError('TLS_FAILED', `no secure connection: ${cause.message}`, {
    where: { broker },
    hint: 'Check `ssl` of the cluster: the CA (ca), the client certificate (cert, key), and the host name in `brokers`',
    cause,
  })
}

/** Without a socket, the TLS options themselves were refused. */
function isTls(cause: Error, socket: Socket | undefined): boolean {
  const { code = '' } = cause as NodeJS.ErrnoException
  const untrusted = (socket as TLSSocket | undefined)?.authorizationError
  return socket === undefined || Boolean(untrusted) || /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$)/.test(code)
}

/** After trying all addresses of a name, Node reports one error for each, and no message. */
function reason(cause: Error): string {
  return cause instanceof AggregateError ? cause.errors.map(({ message }) => message).join(', ') : cause.message
}
